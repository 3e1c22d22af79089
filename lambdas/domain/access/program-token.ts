import * as z from 'zod'
import { asMessage } from '../core/fault.ts'
import { callerSchema } from './caller.ts'
import { programRights } from './roles.ts'

export const tokenSchema = z.strictObject({
  /** No `@` or `/`: quotas count callers by name. */
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i, asMessage('token.name')),
  scopes: z.array(z.enum(programRights)).min(1),
  territories: callerSchema.shape.territories.min(1),
  clearance: callerSchema.shape.clearance,
})

/** As given: `expires` is the last day (UTC) or an ISO 8601 duration, empty for none. */
export type TokenInput = { readonly [name in keyof z.output<typeof tokenSchema>]: string | readonly string[] } & {
  readonly expires?: string | undefined
}

/** Instants are ISO; `usedAt` may be an hour old. */
export type ProgramToken = Readonly<z.output<typeof tokenSchema>> &
  Readonly<
    Record<'madeAt' | 'madeBy', string> & Partial<Record<'until' | 'usedAt' | 'revokedAt' | 'revokedBy', string>>
  >

export const tokenState = ({ until, revokedAt }: ProgramToken, now: Date): 'active' | 'expired' | 'revoked' =>
  revokedAt !== undefined ? 'revoked' : until !== undefined && until <= now.toISOString() ? 'expired' : 'active'
