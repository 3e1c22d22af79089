export const signInPaths = { in: '/sign-in', back: '/sign-in/back', out: '/sign-out' } as const

/** `email` names the reader in the log. Cognito returns custom attributes, such as our claims, only with `profile`. */
export const signInScopes = ['openid', 'email', 'profile'] as const

/** Cognito prefixes these with `custom:`. */
export const claimNames = {
  clearance: 'vigie_clearance',
  territories: 'vigie_territories',
  scopes: 'vigie_scopes',
} as const
