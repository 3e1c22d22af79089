import { type SubjectCode, subjects } from '../core/place/territory.ts'
import type { Cadence } from '../core/time/period.ts'
import { mayReceive, supposedFor } from './may-receive.ts'
import type { Recipient } from './recipient.ts'

export const mailedTo = (recipient: Recipient, cadence: Cadence): readonly SubjectCode[] =>
  subjects
    .map(({ code }) => code)
    .filter((territory) => mayReceive(supposedFor(recipient, { territory, cadence }), recipient).may)
