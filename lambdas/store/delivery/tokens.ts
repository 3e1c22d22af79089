/** Tokens that are in mails: only their hashes are kept, with what each one opens, and until when. */
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
  /** What the token opens until then, an ISO instant. */
  grant(token: string, grant: Grant, until: string): Promise<void>
  /** Undefined where the token opens nothing, or no longer. */
  open(token: string, now: string): Promise<Grant | undefined>
  /** The code asked for last. */
  code(token: string): Promise<Code | undefined>
  /** Puts a code where none is, or another than was seen; false where another call was quicker. */
  setCode(token: string, seen: Code | undefined, code: Code): Promise<boolean>
}

/** 256 bits, in characters that every mail program leaves whole. */
export const newToken = (): string => randomBytes(32).toString('hex')

export const tokenHash = (token: string): string => sha256(`vigie token ${token}`)

/** Of the token too: the hash of six digits alone would be undone by trying them all. */
export const codeHash = (token: string, code: string): string => sha256(`vigie code ${token} ${code}`)

/** How long it is kept what a link's codes were, in milliseconds: longer than any link opens. */
const codesKeptMs = 100 * 86_400_000

export const tokensIn = (table: Table): Tokens => {
  const keyOf = (token: string, sk: 'GRANT' | 'CODE') => ({ pk: tokenPartition(tokenHash(token)), sk })
  /** DynamoDB takes items away some time after. */
  const gone = (until: string, after = 0) => ({ expiresAt: Math.ceil((Date.parse(until) + after) / 1_000) })
  /** Changes with whatever of a code changes. */
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
