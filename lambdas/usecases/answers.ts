/** What readers answered, as far as somebody may know of it. */
import { type Caller, isUnder } from '../domain/access/caller.ts'
import { isCampaignCode, subjectOf } from '../domain/core/territory.ts'
import type { Answer } from '../domain/delivery/answer.ts'
import type { Recipient } from '../domain/delivery/recipient.ts'
import type { Services } from './services.ts'

/** With who answered, while the list knows him. */
export type ShownAnswer = Answer & {
  readonly reader: Pick<Recipient, 'address' | 'name' | 'organisation'> | null
}

type AnswerServices = Pick<Services, 'answers' | 'recipients'>

/** An answer may tell what the report tells: it is for who may read that. */
const mayKnow = (caller: Caller, { delivery, marking }: Answer): boolean => {
  const { territory } = delivery
  const codes = isCampaignCode(territory) ? subjectOf('ALL').members : subjectOf(territory).members
  return isUnder(caller, { marking, territories: codes.map((code) => ({ code })) })
}

/** Those that nobody has dealt with, or all, the oldest first. */
export const answersFor = async (
  caller: Caller,
  { closed }: { readonly closed: boolean },
  services: AnswerServices,
): Promise<readonly ShownAnswer[]> => {
  const known = (await services.answers.list()).filter((one) => mayKnow(caller, one) && (closed || !one.closed))
  return Promise.all(known.map((one) => shown(one, services)))
}

export const answerFor = async (
  id: string,
  caller: Caller,
  services: AnswerServices,
): Promise<ShownAnswer | undefined> => {
  const answer = await services.answers.get(id)
  return answer && mayKnow(caller, answer) ? shown(answer, services) : undefined
}

const shown = async (answer: Answer, { recipients }: AnswerServices): Promise<ShownAnswer> => {
  const reader = await recipients.get(answer.delivery.recipient)
  if (!reader) return { ...answer, reader: null }
  const { address, name, organisation } = reader
  return { ...answer, reader: { address, ...(name && { name }), ...(organisation && { organisation }) } }
}
