/** ICD 203 terms, least likely first. No schema, since the command line needs only names. */

export const likelihoods = [
  'almost no chance',
  'very unlikely',
  'unlikely',
  'roughly even',
  'likely',
  'very likely',
  'almost certain',
] as const

export const confidenceLevels = ['low', 'moderate', 'high'] as const
