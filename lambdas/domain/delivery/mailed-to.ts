/**
 * Which reports a recipient would be mailed where nothing stands in the way of a report itself: asked of the one
 * decision, report by report.
 */
import { type SubjectCode, subjects } from '../core/place/territory.ts'
import type { Cadence } from '../core/time/period.ts'
import { mayReceive, supposedFor } from './may-receive.ts'
import type { Recipient } from './recipient.ts'

/** Those of a cadence, in the order of the list of all. */
export const mailedTo = (recipient: Recipient, cadence: Cadence): readonly SubjectCode[] =>
  subjects
    .map(({ code }) => code)
    .filter((territory) => mayReceive(supposedFor(recipient, { territory, cadence }), recipient).may)
