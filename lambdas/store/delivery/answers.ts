import { sha256 } from '../../domain/core/text/canonical.ts'
import type { Answer } from '../../domain/delivery/answer.ts'
import { type DeliveryKey, deliveryId } from '../../domain/delivery/delivery.ts'
import { lineOf, writeAct } from '../table/history.ts'
import { answerCountPartition, answersPartition } from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'

export type Answers = {
  /**
   * Stores an answer once per form and content; false when that delivery has too many.
   * @param form its identifier, with the words
   */
  add(answer: Omit<Answer, 'id' | 'closed'>, form: string, most: number): Promise<boolean>
  list(): Promise<readonly Answer[]>
  get(id: string): Promise<Answer | undefined>
  close(id: string, closed: NonNullable<Answer['closed']>): Promise<Answer | undefined>
}

/** In days. */
export const keptDays = 365

export const answersIn = (table: Table): Answers => {
  const gone = (at: string) => ({ expiresAt: Math.ceil(Date.parse(at) / 1_000) + keptDays * 86_400 })
  const keyOf = (id: string) => ({ pk: answersPartition, sk: id })
  const get = async (id: string): Promise<Answer | undefined> => {
    const item = await table.get(keyOf(id))
    return item && answerOf(item)
  }
  /** Takes one of a delivery's limited slots; the same answer keeps its slot. */
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
      // A reader may go back in the browser and send other text with the same form.
      const { kind, text } = answer
      const id = sha256(`${deliveryId(answer.delivery)}\n${form}\n${kind}\n${text}`).slice(0, 16)
      if (!(await takePlace(answer.delivery, answer.at, id, most))) return false
      // An answer closed in the meantime stays closed.
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
