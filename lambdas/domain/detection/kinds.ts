/** What detections are of. Apart from their schema, so that a command's help need not wait for it. */
export const kinds = [
  'campaign',
  'copy-paste',
  'coordinated-sharing',
  'diverted-media',
  'video',
  'hashtag-hijack',
  'offline-event',
  'infrastructure',
  'other',
] as const

export type Kind = (typeof kinds)[number]
