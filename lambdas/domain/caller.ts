/** Who asks a program's question: what it may do, and what it may read. */
import * as z from 'zod'
import { fitsUnder, type Marking, markings } from './marking.ts'
import { type TerritoryCode, territories } from './territory.ts'

export const scopes = ['reports:read', 'reports:create', 'detections:write'] as const

export type Scope = (typeof scopes)[number]

const codes = territories.map(({ code }) => code) as [TerritoryCode, ...TerritoryCode[]]

export const callerSchema = z.strictObject({
  /** For the log: a name that the authority behind the caller gave it. */
  who: z.string().min(1).max(200),
  scopes: z.array(z.enum(scopes)),
  clearance: z.enum(markings),
  territories: z.array(z.enum(codes)),
})

export type Caller = z.output<typeof callerSchema>

/** What of a version decides who may read it. */
export type Readable = {
  readonly territory: TerritoryCode
  readonly cap: Marking
  readonly marking: Marking
  readonly state: 'published' | 'held' | 'recalled'
}

export const mayDo = (caller: Caller, scope: Scope): boolean =>
  callerSchema.safeParse(caller).success && caller.scopes.includes(scope)

/** An edition of a territory, whatever is in it. */
export const mayReadEdition = (caller: Caller, { territory, cap }: Pick<Readable, 'territory' | 'cap'>): boolean =>
  mayDo(caller, 'reports:read') && caller.territories.includes(territory) && fitsUnder(cap, caller.clearance)

/** A version of it: published, not taken back, and marked no higher than the caller is cleared for. */
export const mayReadVersion = (caller: Caller, version: Readable): boolean =>
  mayReadEdition(caller, version) && version.state === 'published' && fitsUnder(version.marking, caller.clearance)

/** Whom a quota counts: a role whatever its sessions are called, a person whatever the way in. */
export const accountOf = ({ who }: Pick<Caller, 'who'>): string =>
  /^(.*assumed-role\/[^/]+)\/[^/]+$/.exec(who)?.[1] ?? who.replace(/ \S+@\S+$/, '')

/** Of this machine's own user, who can read every file of it. */
export const everything: Caller = { who: 'this machine', scopes: [...scopes], clearance: 'TLP:RED', territories: codes }
