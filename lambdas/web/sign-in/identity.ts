/**
 * Who an event of the HTTP API comes from, as its authoriser has found: without a well-formed answer there is no
 * caller.
 */
import * as z from 'zod'
import { type Caller, callerSchema, scopes } from '../../domain/access/caller.ts'
import { rightsOf, roles } from '../../domain/access/roles.ts'
import { claimNames } from '../../domain/access/sign-in.ts'
import { type Marking, parseMarking, UnknownMarkingError } from '../../domain/core/marking.ts'
import { territories } from '../../domain/core/place/territory.ts'
import { type Visitor, visitorSchema } from './sessions.ts'

type Claims = Readonly<Record<string, unknown>>

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
  const granted = wordsIn(claims.scope ?? claims.scp)
  return callerSchema.safeParse({
    who: String(claims.sub ?? claims.client_id ?? ''),
    scopes: scopes.filter((scope) => granted.some((one) => one === scope || one.endsWith(`/${scope}`))),
    ...readingIn(claims),
  }).data
}

/** A claim of a person, by its own name or, as Cognito has it, as a custom one. */
const claimOf = (claims: Claims, name: string): unknown => claims[name] ?? claims[`custom:${name}`]

/**
 * Who has signed in, as the issuer says. `vigie_scopes` names the roles, and single rights beside them; who is given no
 * role is a reader. Undefined for a person without a clearance or a territory.
 */
export const personIn = (claims: Claims): { readonly caller: Caller; readonly name: string } | undefined => {
  const { sub, email } = claims
  if (typeof sub !== 'string') return undefined
  const granted = wordsIn(claimOf(claims, claimNames.scopes))
  const named = roles.filter((role) => granted.includes(role))
  const held = named.length > 0 ? named : (['reader'] as const)
  const rights = new Set([...rightsOf(held), ...givenScopes.filter((scope) => granted.includes(scope))])
  const caller = callerSchema.safeParse({
    who: (typeof email === 'string' ? `${sub} ${email}` : sub).slice(0, 200),
    scopes: scopes.filter((scope) => rights.has(scope)),
    roles: held,
    ...readingIn(claims),
  }).data
  if (!caller || caller.territories.length === 0) return undefined
  return { caller, name: (typeof email === 'string' && email !== '' ? email : sub).slice(0, 200) }
}

/** What a person may be given beside a role. */
const givenScopes = ['reports:create', 'detections:read'] as const

const readingIn = (claims: Claims) => {
  const named = wordsIn(claimOf(claims, claimNames.territories))
  return {
    clearance: markingIn(claimOf(claims, claimNames.clearance)),
    territories: territories.map(({ code }) => code).filter((code) => named.includes(code)),
  }
}

/**
 * A list may come as `NC COR`, as `[NC COR]` from API Gateway, or as a list of texts; what is anything else says
 * nothing.
 */
const wordsIn = (claim: unknown): readonly string[] => {
  const texts = Array.isArray(claim) ? claim : [claim]
  return texts.flatMap((text) => (typeof text === 'string' ? (text.match(/[\w:./-]+/g) ?? []) : []))
}

/** What the authorizer adds to a request: a text, since that is what every gateway hands on as it is. */
export const contextOf = (visitor: Visitor) => ({ visitor: JSON.stringify(visitor) })

const inside = z.object({
  requestContext: z.object({ authorizer: z.object({ lambda: z.object({ visitor: z.string() }) }) }),
})

/** The visitor that the authorizer found; undefined where it found none. */
export const visitorIn = (event: unknown): Visitor | undefined => {
  const text = inside.safeParse(event).data?.requestContext.authorizer.lambda.visitor
  return text === undefined ? undefined : visitorSchema.parse(JSON.parse(text))
}

const markingIn = (claim: unknown): Marking | undefined => {
  try {
    return typeof claim === 'string' ? parseMarking(claim) : undefined
  } catch (error) {
    if (error instanceof UnknownMarkingError) return undefined
    throw error
  }
}
