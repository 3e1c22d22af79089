/** What was found in posts and waits for a person, as far as the reader may know it; it is signed on the command line. */
import { territoryOf } from '../../domain/core/territory.ts'
import { candidateHead, candidateRow } from '../../domain/page/candidates.ts'
import type { ReadersCandidate } from '../../usecases/reports/what-waits.ts'
import { chipOf, type Visit } from './pages.ts'

export const candidatesValue = ({ words }: Visit, waiting: readonly ReadersCandidate[]) => ({
  lead: words.say('room.candidates.lead'),
  caption: words.say('candidates'),
  columns: { ...candidateHead(words), territory: words.say('room.field.territory') },
  rows: waiting.map((one) => {
    const territories = one.territories.map(territoryOf)
    const { marking, ...row } = candidateRow(one, territories[0] ?? { zone: 'UTC' }, words)
    return {
      ...row,
      territory: words.list(territories.map(({ name }) => name[words.language])),
      chip: chipOf(marking),
    }
  }),
  how: words.say('room.candidates.how'),
  commands: [
    'npx vigie candidates show ID',
    'npx vigie candidates sign ID --by "…"',
    'npx vigie candidates refuse ID --by "…" --reason "…"',
  ],
  none: words.say('room.candidates.none'),
})
