import { type Caller, type Ceiling, isUnder } from '../domain/access/caller.ts'
import type { Marking } from '../domain/core/marking.ts'
import { isCampaignCode, isSubjectCode, subjectOf, type TerritoryCode } from '../domain/core/place/territory.ts'
import type { Answer } from '../domain/delivery/answer.ts'
import type { Recipient } from '../domain/delivery/recipient.ts'
import type { Services } from './services.ts'

/** Answer with its reader, if still on the list. */
export type ShownAnswer = Answer & {
  readonly reader: Pick<Recipient, 'address' | 'name' | 'organisation'> | null
}

type AnswerServices = Pick<Services, 'answers' | 'recipients'>

/** Territories that an answer to this subject's report may reveal; all of them if the subject is unknown. */
const coveredTerritories = (subject: string): readonly TerritoryCode[] =>
  subjectOf(isSubjectCode(subject) && !isCampaignCode(subject) ? subject : 'ALL').members

/** An answer may quote its report, so only readers of that report may read it. */
export const mayKnowAnswer = (ceiling: Ceiling, subject: string, marking: Marking): boolean =>
  isUnder(ceiling, { marking, territories: coveredTerritories(subject).map((code) => ({ code })) })

const mayKnow = (caller: Caller, { delivery, marking }: Answer): boolean =>
  mayKnowAnswer(caller, delivery.territory, marking)

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

export const closeAnswer = (
  id: string,
  who: { readonly by: string; readonly reason: string },
  { answers, clock }: Pick<Services, 'answers' | 'clock'>,
): Promise<Answer | undefined> => answers.close(id, { ...who, at: clock().toISOString() })
