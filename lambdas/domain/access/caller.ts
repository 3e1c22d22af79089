import * as z from 'zod'
import { fitsUnder, type Marking, markingSlug, markings } from '../core/marking.ts'
import {
  isCampaignCode,
  isFlashCode,
  type SubjectCode,
  subjectOf,
  subjects,
  type TerritoryCode,
  territories,
} from '../core/place/territory.ts'
import { everyRight, type Right, roles } from './roles.ts'

export const scopes = everyRight

export type Scope = Right

const codes = territories.map(({ code }) => code) as [TerritoryCode, ...TerritoryCode[]]

export const callerSchema = z.strictObject({
  /** For the log: a name given by the authority behind the caller. */
  who: z.string().min(1).max(300),
  scopes: z.array(z.enum(scopes)),
  /** Of a user, who may have more rights than these roles. */
  roles: z.array(z.enum(roles)).optional(),
  clearance: z.enum(markings),
  territories: z.array(z.enum(codes)),
})

export type Caller = z.output<typeof callerSchema>

export type Ceiling = Pick<Caller, 'clearance' | 'territories'>

/** A detection without a territory may belong anywhere, so it needs every territory. */
export const isUnder = (
  { clearance, territories: cleared }: Ceiling,
  { marking, territories: places }: { marking: Marking; territories: readonly { code: TerritoryCode }[] },
): boolean =>
  fitsUnder(marking, clearance) &&
  (places.length > 0 ? places.map(({ code }) => code) : codes).every((code) => cleared.includes(code))

/** An operator may see everything stored. */
export const isOperator = (ceiling: Ceiling): boolean => isUnder(ceiling, { marking: 'TLP:RED', territories: [] })

/** Formats a ceiling as a part of a key: `amber.NC-MQ`. */
export const ceilingSlug = ({ clearance, territories: cleared }: Ceiling): string =>
  `${markingSlug(clearance)}.${cleared.join('-')}`

/** Parses a ceiling slug. An unreadable slug allows nothing. */
export const ceilingIn = (slug: string): Ceiling => {
  const [marking = '', named = ''] = slug.split('.')
  const clearance = markings.find((one) => markingSlug(one) === marking)
  if (!clearance) return { clearance: 'TLP:CLEAR', territories: [] }
  const parts = named.split('-')
  return { clearance, territories: codes.filter((code) => parts.includes(code)) }
}

export type Readable = {
  readonly territory: SubjectCode
  readonly cap: Marking
  readonly marking: Marking
  readonly state: 'published' | 'held' | 'recalled'
}

/** Anyone who may read reports may also see how their sources were watched. */
export const mayDo = (caller: Caller, scope: Scope): boolean =>
  callerSchema.safeParse(caller).success &&
  (caller.scopes.includes(scope) || (scope === 'watch:read' && caller.scopes.includes('reports:read')))

/** Lists the readable subjects; a group needs every member's territory. */
export const subjectsFor = ({ territories: cleared }: Pick<Caller, 'territories'>): readonly SubjectCode[] =>
  subjects.filter(({ members }) => members.every((code) => cleared.includes(code))).map(({ code }) => code)

/** A dossier needs every territory, a flash note only those that its code names. */
export const isSubjectFor = (caller: Pick<Caller, 'territories'>, text: string): text is SubjectCode => {
  const own = subjectsFor(caller)
  if (isFlashCode(text)) return subjectOf(text).members.every((code) => caller.territories.includes(code))
  return own.some((code) => code === text) || (isCampaignCode(text) && own.includes('ALL'))
}

export const mayReadEdition = (caller: Caller, { territory, cap }: Pick<Readable, 'territory' | 'cap'>): boolean =>
  mayDo(caller, 'reports:read') &&
  subjectOf(territory).members.every((code) => caller.territories.includes(code)) &&
  fitsUnder(cap, caller.clearance)

/** Whether no edition of the caller's territories can be above the clearance. */
export const readsEveryCap = ({ clearance }: Pick<Caller, 'clearance'>): boolean => fitsUnder('TLP:RED', clearance)

export const mayReadVersion = (caller: Caller, version: Readable): boolean =>
  mayReadEdition(caller, version) && version.state === 'published' && fitsUnder(version.marking, caller.clearance)

/** Returns the account that a quota counts: a role under any session name, a user under any way of signing in. */
export const accountOf = ({ who }: Pick<Caller, 'who'>): string =>
  /^(.*assumed-role\/[^/]+)\/[^/]+$/.exec(who)?.[1] ?? who.replace(/ \S+@\S+$/, '')

/** Drops the issuer's user name before an address. */
export const personName = (who: string): string => /^\S+ (\S+@\S+)$/.exec(who)?.[1] ?? who

/** For comparing: a token acts for the person who made it. */
export const personOf = (who: string): string => personName(/^token \S+ \((.+)\)$/.exec(who)?.[1] ?? who).toLowerCase()

/** The local user can read every file on this machine anyway. */
export const everything: Caller = {
  who: 'this machine',
  scopes: [...scopes],
  roles: [...roles],
  clearance: 'TLP:RED',
  territories: codes,
}
