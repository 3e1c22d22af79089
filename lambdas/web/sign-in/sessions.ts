/** Seals sessions in cookies, so that browsers can neither read nor change them. */
import { EncryptJWT, errors, jwtDecrypt } from 'jose'
import * as z from 'zod'
import { callerSchema } from '../../domain/access/caller.ts'

export const visitorSchema = z.strictObject({
  caller: callerSchema,
  /** Shown on pages: an email address, or the issuer's name for the user. */
  name: z.string().min(1).max(200),
  /** Token in every form of the session: other sites can send a form, but cannot read it. */
  formToken: z.string().min(32).max(100),
  /** In `people` of vigie.json, which then gives the rights. */
  entry: z.string().optional(),
})

export type Visitor = z.output<typeof visitorSchema>

/** Longest return address, URL-encoded; a longer one may not fit into a cookie. */
export const maxPageChars = 2_000

const goingSchema = z.strictObject({
  state: z.string().min(16).max(200),
  nonce: z.string().min(16).max(200),
  verifier: z.string().min(43).max(128),
  to: z.string().max(maxPageChars),
})

export type Going = z.output<typeof goingSchema>

/** In seconds. A revoked right ends with the session at the latest. */
export const lasts = { session: 3_600, going: 600 } as const

/** Prefixed with `__Host-`: only this site sets them, over https, for itself. */
export const cookieNames = { session: 'vigie', going: 'vigie-sign-in' } as const

/** Returns the session of `name=value` cookies; undefined if two have its name. */
export const sessionIn = (cookies: readonly string[]): string | undefined => {
  const prefix = `__Host-${cookieNames.session}=`
  const own = cookies.map((cookie) => cookie.trim()).filter((cookie) => cookie.startsWith(prefix))
  return own.length === 1 ? own[0]?.slice(prefix.length) : undefined
}

export type Kind = keyof typeof lasts

type Values = { readonly session: Visitor; readonly going: Going }

export type Seal = {
  close<Of extends Kind>(kind: Of, value: Values[Of]): Promise<string>
  /** Returns undefined for an expired value, another kind, or another key. */
  open<Of extends Kind>(kind: Of, sealed: string | undefined): Promise<Values[Of] | undefined>
}

const schemas = { session: z.object({ value: visitorSchema }), going: z.object({ value: goingSchema }) } as const

/** A changed key is loaded within this time, and ends every session. */
export const keyKeptMs = 300_000

/** @param key 64 hexadecimal digits, requested each time */
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
