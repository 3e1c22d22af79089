/** Kept apart from the readers so that a command's help loads fast. */
export const fileFormats = [
  'ndjson',
  'json',
  'csv',
  'stix',
  'misp',
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
