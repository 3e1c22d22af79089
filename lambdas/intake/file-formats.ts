/** The formats that can be read, by name. Apart from their readers, so that a command's help need not wait for them. */
export const fileFormats = [
  'ndjson',
  'json',
  'csv',
  'stix',
  'd3lta',
  'coortweet',
  'cnt',
  'meta',
  'domains',
  'accounts',
] as const

export type FileFormat = (typeof fileFormats)[number]

/** `auto` finds the format by the file's content. */
export const intakeFormats = ['auto', ...fileFormats] as const

export type IntakeFormat = (typeof intakeFormats)[number]
