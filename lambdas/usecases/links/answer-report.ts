import { type AnswerWords, maxAnswers } from '../../domain/delivery/answer.ts'
import { deliveryId } from '../../domain/delivery/delivery.ts'
import { type DeadLink, findLink, type LinkParts, type LinkServices, type ShutLink } from './open-link.ts'

export type AnsweredLink = DeadLink | (Omit<ShutLink, 'kind'> & { readonly kind: 'answered' | 'too many' })

/** @param form id of the shown form: the same words sent twice are one answer */
export type AnswerSent = AnswerWords & { readonly form: string }

/** Checks the reader's permission again. */
export const answerReport = async (
  token: string,
  { form, ...words }: AnswerSent,
  services: LinkServices,
  { log }: Pick<LinkParts, 'log'>,
): Promise<AnsweredLink> => {
  const found = await findLink(token, services)
  if (found.kind !== 'shut') return found
  const { language, report, delivery } = found
  const at = services.clock().toISOString()
  const isKept = await services.answers.add({ ...words, at, delivery, marking: report.marking }, form, maxAnswers)
  log(isKept ? 'answered' : 'answer refused', { delivery: deliveryId(delivery), recipient: delivery.recipient })
  return { kind: isKept ? 'answered' : 'too many', language, report }
}
