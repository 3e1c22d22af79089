/** What readers answered, and whether somebody has dealt with it. */
import { sha256 } from '../../domain/core/text/canonical.ts'
import type { Answer } from '../../domain/delivery/answer.ts'
import { type DeliveryKey, deliveryId } from '../../domain/delivery/delivery.ts'
import { lineOf, writeAct } from '../table/history.ts'
import { answerCountPartition, answersPartition } from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'

export type Answers = {
  /**
   * Keeps it, once for each form that was shown and what was written in it, unless so many came of that delivery;
   * false then.
   * @param form by which it is known, with its words
   */
  add(answer: Omit<Answer, 'id' | 'closed'>, form: string, most: number): Promise<boolean>
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
  /** One place of so many, taken by whoever writes it first; the same form has the same place. */
  const takePlace = async (delivery: DeliveryKey, at: string, id: string, most: number): Promise<boolean> => {
    const own = { expression: 'attribute_not_exists(pk) OR answerId = :id', values: { ':id': id } }
    for (let place = 1; place <= most; place += 1) {
      const item = { pk: answerCountPartition(deliveryId(delivery)), sk: String(place), answerId: id, ...gone(at) }
      if (await table.putIf(item, own)) return true
    }
    return false
  }
  return {
    add: async (answer, form, most) => {
      // Who goes back in his browser and writes something else sends the same form.
      const { kind, text } = answer
      const id = sha256(`${deliveryId(answer.delivery)}\n${form}\n${kind}\n${text}`).slice(0, 16)
      if (!(await takePlace(answer.delivery, answer.at, id, most))) return false
      // What somebody has closed since stays closed.
      const item = { ...keyOf(id), ...answer, id, ...gone(answer.at) }
      await table.putIf(item, { expression: 'attribute_not_exists(pk)' })
      return true
    },
    list: async () =>
      (await Array.fromAsync(table.query(answersPartition), answerOf)).sort((a, b) => a.at.localeCompare(b.at)),
    get,
    close: async (id, closed) => {
      const answer = await get(id)
      if (!answer || answer.closed) return undefined
      const next = { ...answer, closed }
      const { delivery, marking } = answer
      const isMine = await writeAct(
        table,
        { ...keyOf(id), ...next, ...gone(answer.at) },
        {
          expression: '#id = :id AND attribute_not_exists(#closed)',
          names: { '#id': 'id', '#closed': 'closed' },
          values: { ':id': id },
        },
        lineOf({
          ...{ ...closed, did: 'closed', id, of: 'answer', marking },
          what: [delivery.territory, delivery.period],
        }),
      )
      return isMine ? next : undefined
    },
  }
}

const answerOf = ({ pk: _pk, sk: _sk, expiresAt: _expiresAt, ...answer }: Item): Answer => answer as unknown as Answer
