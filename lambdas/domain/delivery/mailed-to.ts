/** What a recipient would be mailed where nothing stands in the way of a report itself: asked of the one decision, report by report. */
import type { Cadence } from '../core/period.ts'
import { type SubjectCode, subjects } from '../core/territory.ts'
import { type Deliverable, mayReceive } from './may-receive.ts'
import { editionFor, type Recipient } from './recipient.ts'

/** The edition that is the recipient's own, published, with something in it. */
export const supposedFor = (
  recipient: Pick<Recipient, 'clearance'>,
  { territory, cadence, awaitsApproval = false }: Pick<Deliverable, 'territory' | 'cadence'> & Partial<Deliverable>,
): Deliverable => {
  const cap = editionFor(recipient)
  return { territory, cadence, cap, marking: cap, state: 'published', awaitsApproval, quiet: false }
}

/** Which reports of a cadence, in the order of the list of all. */
export const mailedTo = (recipient: Recipient, cadence: Cadence): readonly SubjectCode[] =>
  subjects
    .map(({ code }) => code)
    .filter((territory) => mayReceive(supposedFor(recipient, { territory, cadence }), recipient).may)
