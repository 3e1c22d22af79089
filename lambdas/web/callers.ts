/** Who an event of the HTTP API comes from, as its authoriser has found: what is missing or odd is nobody. */
import * as z from 'zod'
import { type Caller, callerSchema, scopes } from '../domain/caller.ts'
import { type Marking, parseMarking, UnknownMarkingError } from '../domain/marking.ts'
import { territories } from '../domain/territory.ts'

/** The claims of a token that say what its bearer may read; API Gateway gives lists as `[NC COR]`. */
export const claimNames = { clearance: 'vigie_clearance', territories: 'vigie_territories' } as const

const byToken = z.object({
  jwt: z.object({ claims: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])) }),
})
const byRole = z.object({ iam: z.object({ userArn: z.string().min(1) }) })

const eventSchema = z.object({ requestContext: z.object({ authorizer: z.union([byToken, byRole]) }) })

/**
 * The caller of an event.
 * @param roleClearance up to which marking roles of the account may read; they may do everything else
 */
export const callerIn = (event: unknown, roleClearance: Marking): Caller | undefined => {
  const found = eventSchema.safeParse(event).data?.requestContext.authorizer
  if (!found) return undefined
  if ('iam' in found) {
    return {
      who: found.iam.userArn.slice(-200),
      scopes: [...scopes],
      clearance: roleClearance,
      territories: territories.map(({ code }) => code),
    }
  }
  const { claims } = found.jwt
  const clearance = markingIn(claims[claimNames.clearance])
  const words = (claim: unknown): readonly string[] => String(claim ?? '').match(/[\w:./-]+/g) ?? []
  const granted = words(claims.scope ?? claims.scp)
  const named: readonly string[] = words(claims[claimNames.territories])
  return callerSchema.safeParse({
    who: String(claims.sub ?? claims.client_id ?? ''),
    scopes: scopes.filter((scope) => granted.some((one) => one === scope || one.endsWith(`/${scope}`))),
    clearance,
    territories: territories.map(({ code }) => code).filter((code) => named.includes(code)),
  }).data
}

const markingIn = (claim: unknown): Marking | undefined => {
  try {
    return typeof claim === 'string' ? parseMarking(claim) : undefined
  } catch (error) {
    if (error instanceof UnknownMarkingError) return undefined
    throw error
  }
}
