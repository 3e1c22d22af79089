import { randomBytes } from 'node:crypto'
import { sha256 } from '../../domain/core/text/canonical.ts'
import type { DeliveryKey } from '../../domain/delivery/delivery.ts'
import type { Code } from '../../domain/delivery/one-time-code.ts'
import { tokenPartition } from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'

type Grant =
  | ({ readonly kind: 'read' } & { readonly delivery: DeliveryKey })
  | { readonly kind: 'unsubscribe' | 'confirm'; readonly recipient: string }

export type Tokens = {
  /** @param until ISO instant */
  grant(token: string, grant: Grant, until: string): Promise<void>
  /** Undefined for an unknown or expired token. */
  open(token: string, now: string): Promise<Grant | undefined>
  code(token: string): Promise<Code | undefined>
  /** Stores a code if the current one is still `seen`. */
  setCode(token: string, seen: Code | undefined, code: Code): Promise<boolean>
}

/** 256 bits, in characters that every mail program leaves intact. */
export const newToken = (): string => randomBytes(32).toString('hex')

export const tokenHash = (token: string): string => sha256(`vigie token ${token}`)

/** Includes the token: six digits alone could be brute-forced. */
export const codeHash = (token: string, code: string): string => sha256(`vigie code ${token} ${code}`)

/** In milliseconds: longer than any link is valid. */
const codesKeptMs = 100 * 86_400_000

export const tokensIn = (table: Table): Tokens => {
  const keyOf = (token: string, sk: 'GRANT' | 'CODE') => ({ pk: tokenPartition(tokenHash(token)), sk })
  /** DynamoDB deletes expired items with a delay. */
  const gone = (until: string, after = 0) => ({ expiresAt: Math.ceil((Date.parse(until) + after) / 1_000) })
  /** Changes with any field of a code. */
  const stateOf = ({ hash, tries, used, askedAt }: Code): string =>
    [hash, tries, used ? 'used' : 'unused', askedAt.at(-1)].join(' ')
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
        { ...keyOf(token, 'CODE'), code, seen: stateOf(code), ...gone(code.until, codesKeptMs) },
        seen
          ? { expression: 'seen = :seen', values: { ':seen': stateOf(seen) } }
          : { expression: 'attribute_not_exists(pk)' },
      ),
  }
}
