import { territoryOf } from '../../../domain/core/place/territory.ts'
import { candidateHead, candidateRow } from '../../../domain/page/words/candidates.ts'
import type { ReadersCandidate } from '../../../usecases/reports/schedules/what-waits.ts'
import { chipOf, type Visit } from '../frame/pages.ts'
import { candidatePath } from './candidate.ts'

/** @param maySign links each id to its page */
export const candidatesValue = ({ words, href }: Visit, waiting: readonly ReadersCandidate[], maySign: boolean) => ({
  lead: words.say('room.candidates.lead'),
  caption: words.say('candidates'),
  columns: { ...candidateHead(words), territory: words.say('room.field.territory') },
  rows: waiting.map((one) => {
    const territories = one.territories.map(territoryOf)
    const { marking, ...row } = candidateRow(one, territories[0] ?? { zone: 'UTC' }, words)
    return {
      ...row,
      href: maySign ? href(candidatePath(row)) : '',
      territory: words.list(territories.map(({ name }) => name[words.language])),
      chip: chipOf(marking),
    }
  }),
  how: words.say('room.candidates.how'),
  none: words.say('room.candidates.none'),
})
