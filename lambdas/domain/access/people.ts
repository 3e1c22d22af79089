/** Rights of people by vigie.json, in place of claims of the issuer. */
import * as z from 'zod'
import { markings } from '../core/marking.ts'
import { territories } from '../core/place/territory.ts'
import { type Right, roles } from './roles.ts'

/** Rights that may be given in addition to a role. */
export const givenRights = ['reports:create', 'detections:read'] as const satisfies readonly Right[]

const codes = territories.map(({ code }) => code)

const personSchema = z.strictObject({
  name: z.string().min(1).max(100).optional(),
  roles: z.array(z.enum([...roles, ...givenRights])).min(1),
  territories: z.union([z.literal('all').transform(() => codes), z.array(z.enum(codes)).min(1)]),
  clearance: z.enum(markings),
})

export const peopleSchema = z.record(z.string().min(1).max(200), personSchema)

export type People = z.output<typeof peopleSchema>

type Known = { readonly sub: string; readonly email?: unknown; readonly email_verified?: unknown }

/** An address counts only where the issuer has verified it: its owner may have typed any. */
export const entryOf = (people: People, { sub, email, email_verified: isVerified }: Known): string | undefined => {
  const address = isVerified === true && typeof email === 'string' ? email.toLowerCase() : undefined
  const keys = Object.keys(people).filter((key) => (key.includes('@') ? key.toLowerCase() === address : key === sub))
  return keys.length === 1 ? keys[0] : undefined
}
