/**
 * Sessions as cookies hold them: sealed, so that a browser can neither read nor change them, and over within the hour.
 */
import { EncryptJWT, errors, jwtDecrypt } from 'jose'
import * as z from 'zod'
import { callerSchema } from '../../domain/access/caller.ts'

/** A person who is signed in. */
export const visitorSchema = z.strictObject({
  caller: callerSchema,
  /** For the page: an address, or the issuer's name for the person. */
  name: z.string().min(1).max(200),
  /** In every form of this session, and known to nobody but its reader: other sites can send a form, and read none. */
  formToken: z.string().min(32).max(100),
})

export type Visitor = z.output<typeof visitorSchema>

/** Of the page to go on with, as an address spells it: more than a cookie holds would be lost. */
export const maxPageChars = 2_000

/** What a sign-in under way must remember until the issuer sends its reader back. */
const goingSchema = z.strictObject({
  state: z.string().min(16).max(200),
  nonce: z.string().min(16).max(200),
  verifier: z.string().min(43).max(128),
  /** The page to go on with. */
  to: z.string().max(maxPageChars),
})

export type Going = z.output<typeof goingSchema>

/** In seconds. A right that is taken away ends with the session at the latest. */
export const lasts = { session: 3_600, going: 600 } as const

/** `__Host-` before them: only this site sets them, over https, for itself alone. */
export const cookieNames = { session: 'vigie', going: 'vigie-sign-in' } as const

/** The session among the cookies of a request, each `name=value`; of two that are called so, none. */
export const sessionIn = (cookies: readonly string[]): string | undefined => {
  const prefix = `__Host-${cookieNames.session}=`
  const own = cookies.map((cookie) => cookie.trim()).filter((cookie) => cookie.startsWith(prefix))
  return own.length === 1 ? own[0]?.slice(prefix.length) : undefined
}

export type Kind = keyof typeof lasts

type Values = { readonly session: Visitor; readonly going: Going }

export type Seal = {
  close<Of extends Kind>(kind: Of, value: Values[Of]): Promise<string>
  /** Undefined for what is over, of another kind, or none of this key's. */
  open<Of extends Kind>(kind: Of, sealed: string | undefined): Promise<Values[Of] | undefined>
}

const schemas = { session: z.object({ value: visitorSchema }), going: z.object({ value: goingSchema }) } as const

/** Taken up within minutes when it is changed: every session ends with its key. */
export const keyKeptMs = 300_000

/** @param key 64 hexadecimal digits, asked for each time */
export const sealWith = (key: () => Promise<string>, clock: () => Date): Seal => {
  const bytes = async () => {
    const digits = await key()
    if (!/^[0-9a-f]{64}$/.test(digits)) throw new Error('the key of sessions must be 64 hexadecimal digits')
    return Buffer.from(digits, 'hex')
  }
  return {
    close: async (kind, value) => {
      const now = Math.floor(clock().getTime() / 1_000)
      return new EncryptJWT({ value })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setAudience(kind)
        .setIssuedAt(now)
        .setExpirationTime(now + lasts[kind])
        .encrypt(await bytes())
    },
    open: async <Of extends Kind>(kind: Of, sealed: string | undefined) => {
      if (!sealed || sealed.length > 4_096) return undefined
      try {
        const { payload } = await jwtDecrypt(sealed, await bytes(), {
          audience: kind,
          currentDate: clock(),
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
          requiredClaims: ['exp'],
        })
        return schemas[kind].safeParse(payload).data?.value as Values[Of] | undefined
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined
        throw error
      }
    },
  }
}
