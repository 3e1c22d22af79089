/** Tokens that stand in mails: only their hashes are kept, with what each one opens, and until when. */
import { sha256 } from '../domain/canonical.ts'
import type { DeliveryKey } from '../domain/delivery.ts'
import { tokenPartition } from './keys.ts'
import type { Item, Table } from './table.ts'

export type Grant =
  | ({ readonly kind: 'read' } & { readonly delivery: DeliveryKey })
  | { readonly kind: 'unsubscribe' | 'confirm'; readonly recipient: string }

/** A one-time code that was mailed to whoever holds a link. */
export type Code = {
  /** SHA-256 of token and code. */
  readonly hash: string
  /** ISO instant. */
  readonly until: string
  /** Wrong ones so far. */
  readonly tries: number
}

export type Tokens = {
  /** What the token opens until then, an ISO instant. */
  grant(token: string, grant: Grant, until: string): Promise<void>
  /** Undefined where the token opens nothing, or no longer. */
  open(token: string, now: string): Promise<Grant | undefined>
  /** The code asked for last. */
  code(token: string): Promise<Code | undefined>
  /** Puts a code where none is, or another than was seen; false where somebody was quicker. */
  setCode(token: string, seen: Code | undefined, code: Code): Promise<boolean>
}

export const tokenHash = (token: string): string => sha256(`vigie token ${token}`)

export const tokensIn = (table: Table): Tokens => {
  const keyOf = (token: string, sk: 'GRANT' | 'CODE') => ({ pk: tokenPartition(tokenHash(token)), sk })
  /** DynamoDB takes items away some time after. */
  const gone = (until: string) => ({ expiresAt: Math.ceil(Date.parse(until) / 1_000) })
  return {
    grant: async (token, grant, until) => {
      await table.put({ ...keyOf(token, 'GRANT'), grant, until, ...gone(until) })
    },
    open: async (token, now) => {
      const found = (await table.get(keyOf(token, 'GRANT'))) as (Item & { grant: Grant; until: string }) | undefined
      return found && found.until > now ? found.grant : undefined
    },
    code: async (token) => {
      const found = (await table.get(keyOf(token, 'CODE'))) as (Item & { code: Code }) | undefined
      return found?.code
    },
    setCode: (token, seen, code) =>
      table.putIf(
        { ...keyOf(token, 'CODE'), code, seen: `${code.hash} ${code.tries}`, ...gone(code.until) },
        seen
          ? { expression: 'seen = :seen', values: { ':seen': `${seen.hash} ${seen.tries}` } }
          : { expression: 'attribute_not_exists(pk)' },
      ),
  }
}
