/**
 * Words in which a judgement is told (ICD 203), from the least to the most. Without a schema, since the command line
 * names them.
 */

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
