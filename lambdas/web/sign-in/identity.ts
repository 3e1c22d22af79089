/** Identifies the caller from the authoriser's data in an event of the HTTP API. */
import * as z from 'zod'
import { type Caller, callerSchema, scopes } from '../../domain/access/caller.ts'
import { entryOf, givenRights, type People } from '../../domain/access/people.ts'
import { type Right, rightsOf, roles } from '../../domain/access/roles.ts'
import { claimNames } from '../../domain/access/sign-in.ts'
import type { Marking } from '../../domain/core/marking.ts'
import { territories } from '../../domain/core/place/territory.ts'
import { type Visitor, visitorSchema } from './sessions.ts'

type Claims = Readonly<Record<string, unknown>>

const byToken = z.object({
  jwt: z.object({ claims: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])) }),
})
const byRole = z.object({ iam: z.object({ userArn: z.string().min(1) }) })

const eventSchema = z.object({ requestContext: z.object({ authorizer: z.union([byToken, byRole]) }) })

/**
 * Returns the caller of an event; undefined without well-formed data.
 * @param roleClearance highest marking that the account's IAM roles may read; they have all other rights
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

/** Reads a claim by its name or, from Cognito, its `custom:` name. */
const claimOf = (claims: Claims, name: string): unknown => claims[name] ?? claims[`custom:${name}`]

/**
 * Returns undefined without a clearance or territory. `vigie_scopes` has roles and single rights; without a role the
 * user is a reader.
 * @param people replaces the claims about rights
 */
export const personIn = (claims: Claims, people?: People): Omit<Visitor, 'formToken'> | undefined => {
  const { sub, email, email_verified: isVerified } = claims
  if (typeof sub !== 'string') return undefined
  const entry = people && entryOf(people, { ...claims, sub })
  // Acts that take two people compare names, which nobody may choose at the issuer.
  const address = typeof email === 'string' && isVerified !== false ? email.toLowerCase() : ''
  const name = ((people && entry && (people[entry]?.name ?? entry)) || address || sub).slice(0, 200)
  const who = (name.includes('@') ? `${sub} ${name}` : sub).slice(0, 200)
  if (people) {
    const caller = entry === undefined ? undefined : callerOf(who, people, entry)
    return caller && { caller, name, entry }
  }
  const caller = callerWith(who, wordsIn(claimOf(claims, claimNames.scopes)), readingIn(claims))
  return caller && { caller, name }
}

/** A session whose entry is gone, or that had its rights from elsewhere, has ended. */
export const withCurrentRights = (visitor: Visitor, people: People | undefined): Visitor | undefined => {
  const { entry, caller } = visitor
  if (!people && entry === undefined) return visitor
  const current = people && entry !== undefined ? callerOf(caller.who, people, entry) : undefined
  return current && { ...visitor, caller: current }
}

const callerOf = (who: string, people: People, entry: string): Caller | undefined => {
  if (!Object.hasOwn(people, entry)) return undefined
  const { name: _, roles: granted, ...reading } = people[entry] as People[string]
  return callerWith(who, granted, reading)
}

const callerWith = (who: string, granted: readonly string[], reading: object): Caller | undefined => {
  const named = roles.filter((role) => granted.includes(role))
  const held = named.length > 0 ? named : (['reader'] as const)
  const rights = new Set<Right>([...rightsOf(held), ...givenRights.filter((right) => granted.includes(right))])
  const caller = callerSchema.safeParse({
    ...{ who, scopes: scopes.filter((scope) => rights.has(scope)), roles: held },
    ...reading,
  }).data
  return caller && caller.territories.length > 0 ? caller : undefined
}

/** A value that is not exactly right allows nothing: it may have been meant otherwise. */
const readingIn = (claims: Claims) => ({
  clearance: claimOf(claims, claimNames.clearance),
  territories: wordsIn(claimOf(claims, claimNames.territories)),
})

/** Splits a claim such as `NC COR`, `NC,COR`, `[NC COR]` (API Gateway) or a list of texts; other values give nothing. */
const wordsIn = (claim: unknown): readonly string[] => {
  if (Array.isArray(claim)) return claim.every((one) => typeof one === 'string') ? claim : []
  return typeof claim === 'string' && claim !== '' ? claim.replace(/^\[(.*)\]$/, '$1').split(/, ?| /) : []
}

/** Adds the visitor as a text, which every gateway passes unchanged. */
export const contextOf = (visitor: Visitor) => ({ visitor: JSON.stringify(visitor) })

const inside = z.object({
  requestContext: z.object({ authorizer: z.object({ lambda: z.object({ visitor: z.string() }) }) }),
})

export const visitorIn = (event: unknown): Visitor | undefined => {
  const text = inside.safeParse(event).data?.requestContext.authorizer.lambda.visitor
  return text === undefined ? undefined : visitorSchema.parse(JSON.parse(text))
}
