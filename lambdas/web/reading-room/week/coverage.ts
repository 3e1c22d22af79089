import { type TerritoryCode, territoryOf } from '../../../domain/core/place/territory.ts'
import { type Period, previous, weekOf } from '../../../domain/core/time/period.ts'
import { clockOf } from '../../../domain/page/words/phrases.ts'
import { type Watched, watchDays, watchLegend, watchRows } from '../../../domain/page/words/watch.ts'
import { periodName } from '../frame/names.ts'
import { choices, field, periodFault, type Visit } from '../frame/pages.ts'

export const coverageValue = (
  visit: Visit,
  { territory: code, week }: { readonly territory: TerritoryCode; readonly week: Period },
  typed: { readonly week: string; readonly wrong: readonly string[] },
  watched: Watched,
) => {
  const { words, caller, href } = visit
  const territory = territoryOf(code)
  const to = (period: Period) => href('/room/coverage', { territory: code, week: period.id })
  const after = weekOf(new Date(Date.parse(week.last) + 86_400_000).toISOString().slice(0, 10))
  const wrong = (name: string) => (typed.wrong.includes(name) ? words.say('room.field.wrong') : '')
  return {
    lead: words.say('room.coverage.lead', { town: clockOf(territory, words) }),
    sources: { href: href('/room/sources'), label: words.say('room.coverage.sources') },
    filters: {
      title: words.say('room.filter'),
      action: '/room/coverage',
      fields: [
        field('territory', words.say('room.field.territory'), {
          choices: choices(caller.territories, (one) => territoryOf(one).name[words.language], code),
          wrong: wrong('territory'),
        }),
        field('week', words.say('room.nav.week'), {
          type: 'text',
          value: typed.week,
          hint: words.say('room.field.week.hint'),
          wrong: wrong('week') && periodFault(typed.week, words, 'room.field.wrong'),
        }),
      ],
      button: words.say('room.coverage.button'),
    },
    of: words.say('room.coverage.of', {
      territory: territory.name[words.language],
      period: periodName(week, words),
    }),
    weeks: [
      { href: to(previous(week)), label: words.say('room.coverage.before') },
      { href: href('/room/coverage', { territory: code }), label: words.say('room.coverage.now') },
      { href: to(after), label: words.say('room.coverage.after') },
    ],
    weeksLabel: words.say('room.coverage.weeks'),
    columns: {
      source: words.say('sources.source'),
      inputs: words.say('watch.inputs'),
      last: words.say('sources.last'),
      days: watchDays(week, words),
      gap: words.say('watch.gap'),
    },
    letters: watched.days.map(({ date }) => words.weekdayLetter(date)),
    rows: watchRows(watched, territory, words, true),
    legend: watchLegend(words),
    none: words.say('sources.none'),
  }
}
