/** Sign-in of `vigie serve`: the app and the sessions of a stage, with keys in the data folder. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Context } from 'hono'
import { readPeople } from '../../../lambdas/config/organisation-file.ts'
import { signInPaths } from '../../../lambdas/domain/access/sign-in.ts'
import { openKeyFile } from '../../../lambdas/keys/key-file.local.ts'
import type { Log } from '../../../lambdas/usecases/log.ts'
import { signInApp } from '../../../lambdas/web/sign-in/app.ts'
import { withCurrentRights } from '../../../lambdas/web/sign-in/identity.ts'
import { issuerAt } from '../../../lambdas/web/sign-in/issuer.ts'
import { sealWith, sessionIn } from '../../../lambdas/web/sign-in/sessions.ts'
import { secretHere } from '../deliver.ts'
import type { CliContext } from './context.ts'

export type SignInAsked = { readonly issuer: string; readonly clientId: string }

/** @throws Error where others may read a key, or it is none */
export const signInHere = async (
  { issuer, clientId }: SignInAsked,
  { site, log }: { readonly site: string; readonly log: Log },
  { folder, services }: Pick<CliContext, 'folder' | 'services'>,
) => {
  const file = join(folder, 'session.key')
  // Read for each session: another key ends all of them at once.
  const key = async () => {
    const { text } = await openKeyFile(file, {
      make: () => `${randomBytes(32).toString('hex')}\n`,
      fault: (message, cause) => new Error(message, { cause }),
      instead: 'start without --issuer',
    })
    return text.trim()
  }
  const clientSecret = () => secretHere('VIGIE_CLIENT_SECRET', join(folder, 'client-secret'))
  const isListed = (await readPeople(folder)) !== undefined
  // Read for each request, so that a right taken away ends at once. Where the file is gone for a moment, claims do not
  // take its place.
  const people = async () => (await readPeople(folder)) ?? (isListed ? {} : undefined)
  const isPublic = (await clientSecret()) === undefined
  const seal = sealWith(key, services.clock)
  await seal.open('session', '-') // so that a wrong key is an error of the start
  return {
    app: signInApp({
      issuer: issuerAt({
        issuer,
        clientId,
        ...(!isPublic && { clientSecret: async () => (await clientSecret()) ?? '' }),
        back: `${site}${signInPaths.back}`,
      }),
      seal,
      signOutUrl: undefined,
      organisation: services.organisation,
      people,
      log,
    }),
    visitorOf: async (c: Context) => {
      const visitor = await seal.open('session', sessionIn((c.req.header('cookie') ?? '').split(';')))
      return visitor && withCurrentRights(visitor, await people())
    },
  }
}
