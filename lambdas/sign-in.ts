/** Lambda for sign-in and sign-out. It calls the issuer and reads neither table nor archive. */
import { bundledOrganisation } from './config/bundled-organisation.ts'
import { systemClock } from './config/clock.ts'
import { signInPaths } from './domain/access/sign-in.ts'
import { secretText } from './keys/secret.ts'
import { httpFunction } from './runtime/http-function.ts'
import { signInApp } from './web/sign-in/app.ts'
import { issuerAt } from './web/sign-in/issuer.ts'
import { keyKeptMs, sealWith } from './web/sign-in/sessions.ts'

export const handler = httpFunction('sign-in', ({ config, log }) => {
  const { organisation } = bundledOrganisation(import.meta.dirname)
  const given = (text: string) => (text === 'none' ? undefined : text)
  const clientSecret = given(config.CLIENT_SECRET)

  return signInApp({
    issuer: issuerAt({
      issuer: config.ISSUER,
      clientId: config.CLIENT_ID,
      ...(clientSecret !== undefined && { clientSecret: secretText(clientSecret, keyKeptMs) }),
      back: `${config.SITE}${signInPaths.back}`,
    }),
    seal: sealWith(secretText(config.SESSION_SECRET, keyKeptMs), systemClock),
    signOutUrl: given(config.SIGN_OUT_URL),
    organisation,
    log,
  })
})
