/** Tokens of programs for `vigie serve`: one item for each name, with the hash of its latest token. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import * as z from 'zod'
import { type Caller, mayDo } from '../domain/access/caller.ts'
import { type ProgramToken, type TokenInput, tokenSchema, tokenState } from '../domain/access/program-token.ts'
import { hoursOf } from '../domain/aggregate/watch/watch.ts'
import { fault, faultAt, FaultError, quoted } from '../domain/core/fault.ts'
import { fitsUnder } from '../domain/core/marking.ts'
import { refusalOf } from '../domain/core/schema-fault.ts'
import { sha256 } from '../domain/core/text/canonical.ts'
import { lineOf, writeAct } from '../store/table/history.ts'
import { programTokensPartition } from '../store/table/keys.ts'
import type { Item, Table } from '../store/table/table.ts'

export type ProgramTokens = ReturnType<typeof programTokensIn>

export const programTokensIn = (table: Table) => {
  return {
    all: async () => {
      const all = await Array.fromAsync(table.query(programTokensPartition), tokenIn)
      return all.sort((one, other) => (one.name < other.name ? -1 : 1))
    },
    /** @param giver gives only rights of its own @throws FaultError */
    add: async ({ expires = '', ...given }: TokenInput, madeBy: string, giver: Caller, now: Date) => {
      const read = tokenSchema.safeParse(given)
      if (!read.success) throw new FaultError(refusalOf(read.error))
      const { name, scopes, territories, clearance } = read.data
      const isOwn = scopes.every((one) => mayDo(giver, one)) && fitsUnder(clearance, giver.clearance)
      if (!isOwn || territories.some((code) => !giver.territories.includes(code)))
        throw new FaultError(faultAt('scopes', fault('token.beyond')))
      const id = idOf(name)
      const token = `vigie_${id}_${randomBytes(32).toString('base64url')}`
      const until = expires === '' ? {} : { until: untilOf(expires, now) }
      const made: ProgramToken = { ...read.data, madeAt: now.toISOString(), madeBy, ...until }
      const former = await table.get(keyOf(id))
      const isFree = !former || tokenState(tokenIn(former), now) !== 'active'
      const condition = former
        ? { expression: '#hash = :former', ...ofHash(':former', former) }
        : { expression: 'attribute_not_exists(pk)' }
      const line = lineOf({ at: made.madeAt, did: 'added', by: madeBy, id: name, of: 'token' })
      if (isFree && (await writeAct(table, { ...keyOf(id), ...made, hash: sha256(token) }, condition, line)))
        return { ...made, token }
      throw new FaultError(faultAt('name', fault('token.known', { name })))
    },
    /** Revoking again changes nothing. @throws FaultError */
    revoke: async (name: string, revokedBy: string, now: Date) => {
      const item = await table.get(keyOf(idOf(name)))
      if (!item) throw new FaultError(fault('token.unknown', { name: quoted(name) }))
      const revoked = { ...item, revokedAt: now.toISOString(), revokedBy }
      const condition = { expression: '#hash = :hash AND attribute_not_exists(revokedAt)', ...ofHash(':hash', item) }
      const about = { did: 'withdrawn', id: tokenIn(item).name, of: 'token' } as const
      const isNews = await writeAct(
        table,
        revoked,
        condition,
        lineOf({ ...about, at: revoked.revokedAt, by: revokedBy }),
      )
      return tokenIn(isNews ? revoked : ((await table.get(item)) ?? item))
    },
    /** Undefined for an unknown token. Reads the table, so that a revocation counts at once. */
    open: async (token: string, now: Date) => {
      const key = keyOf(/^vigie_([0-9a-f]{12})_[\w-]{43}$/.exec(token)?.[1] ?? '-')
      const item = await table.get(key)
      if (!item || !timingSafeEqual(Buffer.from(sha256(token)), Buffer.from(String(item.hash)))) return undefined
      const found = tokenIn(item)
      const { name, scopes, territories, clearance, madeAt, madeBy, usedAt = '' } = found
      const state = tokenState(found, now)
      // The use is written once an hour; a failure delays only that.
      if (state === 'active' && !(now.getTime() - Date.parse(usedAt) < 3_600_000))
        await table.change(key, { madeAt }, { usedAt: now.toISOString() }).catch(() => false)
      const caller: Caller = { who: `token ${name} (${madeBy.slice(0, 200)})`, scopes, territories, clearance }
      return { name, state, caller }
    },
  }
}

/** Part of the token, so that it is found without a scan; not secret. */
const idOf = (name: string): string => sha256(`vigie program ${name.toLowerCase()}`).slice(0, 12)

const ofHash = (name: string, { hash }: Item) => ({ names: { '#hash': 'hash' }, values: { [name]: hash } })

const keyOf = (id: string) => ({ pk: programTokensPartition, sk: id })

const tokenIn = ({ pk: _pk, sk: _sk, hash: _hash, ...token }: Item) => token as unknown as ProgramToken

const untilOf = (expires: string, now: Date): string => {
  const isDay = z.iso.date().safeParse(expires).success
  const hours = !isDay && z.iso.duration().safeParse(expires).success ? hoursOf(expires) : 0
  const until = isDay ? Date.parse(expires) + 86_400_000 : now.getTime() + hours * 3_600_000
  // Beyond the year 9999 instants no longer sort.
  if (until > now.getTime() && until < Date.UTC(10_000)) return new Date(until).toISOString()
  throw new FaultError(faultAt('expires', fault('token.expires', { text: quoted(expires) })))
}
