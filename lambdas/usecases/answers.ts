/** What readers answered, as far as somebody may know of it. */
import { type Caller, type Ceiling, isUnder } from '../domain/access/caller.ts'
import type { Marking } from '../domain/core/marking.ts'
import { isCampaignCode, isSubjectCode, subjectOf, type TerritoryCode } from '../domain/core/place/territory.ts'
import type { Answer } from '../domain/delivery/answer.ts'
import type { Recipient } from '../domain/delivery/recipient.ts'
import type { Services } from './services.ts'

/** With who answered, while the list knows him. */
export type ShownAnswer = Answer & {
  readonly reader: Pick<Recipient, 'address' | 'name' | 'organisation'> | null
}

type AnswerServices = Pick<Services, 'answers' | 'recipients'>

/** Of which territories what is answered to a report of this subject may tell; of all, where nobody can say. */
const coveredTerritories = (subject: string): readonly TerritoryCode[] =>
  subjectOf(isSubjectCode(subject) && !isCampaignCode(subject) ? subject : 'ALL').members

/** An answer may tell what the report tells: it is for who may read that. */
export const mayKnowAnswer = (ceiling: Ceiling, subject: string, marking: Marking): boolean =>
  isUnder(ceiling, { marking, territories: coveredTerritories(subject).map((code) => ({ code })) })

const mayKnow = (caller: Caller, { delivery, marking }: Answer): boolean =>
  mayKnowAnswer(caller, delivery.territory, marking)

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

/** Closes one that is open; undefined where it is not. */
export const closeAnswer = (
  id: string,
  who: { readonly by: string; readonly reason: string },
  { answers, clock }: Pick<Services, 'answers' | 'clock'>,
): Promise<Answer | undefined> => answers.close(id, { ...who, at: clock().toISOString() })
