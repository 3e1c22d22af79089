/** What readers answered, and whether somebody has dealt with it. */
import { randomBytes } from 'node:crypto'
import type { Answer } from '../domain/delivery/answer.ts'
import { type DeliveryKey, deliveryId } from '../domain/delivery/delivery.ts'
import { answerCountPartition, answersPartition } from './keys.ts'
import type { Item, Table } from './table.ts'

export type Answers = {
  /** Keeps it, unless so many came of that delivery; false then. */
  add(answer: Omit<Answer, 'id' | 'closed'>, most: number): Promise<boolean>
  /** All that are kept, the oldest first. */
  list(): Promise<readonly Answer[]>
  get(id: string): Promise<Answer | undefined>
  /** Closes one that is open; undefined where it is not. */
  close(id: string, closed: NonNullable<Answer['closed']>): Promise<Answer | undefined>
}

/** An answer stays so long after it came, in days. */
const keptDays = 365

export const answersIn = (table: Table): Answers => {
  const gone = (at: string) => ({ expiresAt: Math.ceil(Date.parse(at) / 1_000) + keptDays * 86_400 })
  const keyOf = (id: string) => ({ pk: answersPartition, sk: id })
  const get = async (id: string): Promise<Answer | undefined> => {
    const item = await table.get(keyOf(id))
    return item && answerOf(item)
  }
  /** One place of so many, taken by whoever writes it first. */
  const takePlace = async (delivery: DeliveryKey, at: string, most: number): Promise<boolean> => {
    for (let place = 1; place <= most; place += 1) {
      const item = { pk: answerCountPartition(deliveryId(delivery)), sk: String(place), ...gone(at) }
      if (await table.putIf(item, { expression: 'attribute_not_exists(pk)' })) return true
    }
    return false
  }
  return {
    add: async (answer, most) => {
      if (!(await takePlace(answer.delivery, answer.at, most))) return false
      // Sorts by time; chance tells two of one instant apart.
      const id = `${answer.at.replace(/[-:.]/g, '')}-${randomBytes(4).toString('hex')}`
      await table.put({ ...keyOf(id), ...answer, id, ...gone(answer.at) })
      return true
    },
    list: () => Array.fromAsync(table.query(answersPartition), answerOf),
    get,
    close: async (id, closed) => {
      const answer = await get(id)
      if (!answer || answer.closed) return undefined
      const next = { ...answer, closed }
      const isMine = await table.putIf(
        { ...keyOf(id), ...next, ...gone(answer.at) },
        {
          expression: '#id = :id AND attribute_not_exists(#closed)',
          names: { '#id': 'id', '#closed': 'closed' },
          values: { ':id': id },
        },
      )
      return isMine ? next : undefined
    },
  }
}

const answerOf = ({ pk: _pk, sk: _sk, expiresAt: _expiresAt, ...answer }: Item): Answer => answer as unknown as Answer
