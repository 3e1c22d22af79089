/** Apart from the schema, so that a command's help loads without it. */
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
