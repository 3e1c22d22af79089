/** What the stack and the functions agree on about signing in. */

/** Where people sign in and out. */
export const signInPaths = { in: '/sign-in', back: '/sign-in/back', out: '/sign-out' } as const

/**
 * What is asked of the issuer: `email` names the reader in the log. Beside `email`, Cognito gives attributes of one's
 * own, as our claims are, with `profile` alone.
 */
export const signInScopes = ['openid', 'email', 'profile'] as const

/** The claims of a token that say what its bearer may read and do; Cognito puts `custom:` before them. */
export const claimNames = {
  clearance: 'vigie_clearance',
  territories: 'vigie_territories',
  scopes: 'vigie_scopes',
} as const
