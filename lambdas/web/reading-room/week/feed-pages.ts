import type { Context, Hono } from 'hono'
import { totalIn } from '../../../domain/aggregate/tally.ts'
import { fitsUnder } from '../../../domain/core/marking.ts'
import { isCampaignCode } from '../../../domain/core/place/territory.ts'
import { parsePeriod } from '../../../domain/core/time/period.ts'
import { levelMark } from '../../../domain/page/words/level-words.ts'
import { ownAndShared, shortPeriod } from '../../../domain/page/words/phrases.ts'
import type { Organisation } from '../../../domain/report/organisation.ts'
import { type ArchivedEntry, type ArchiveServices, listArchive } from '../../../usecases/archive/browse-archive.ts'
import type { Services } from '../../../usecases/services.ts'
import { aboutOf } from '../frame/names.ts'
import type { Visit } from '../frame/pages.ts'
import { editionHref } from '../frame/paths.ts'
import type { Showing } from '../frame/showing.ts'
import { type AtomEntry, atomText } from './atom.ts'

type Routes = {
  readonly showing: Showing
  readonly services: Pick<ArchiveServices, 'reports'> & Pick<Services, 'clock'>
  readonly organisation: Organisation
}

const entriesInFeed = 40

export const feedPages = (app: Hono, { showing, services, organisation }: Routes): void => {
  app.get(
    '/room/feed.atom',
    showing('reports:read', async (c, visit) => {
      const { caller, words, href } = visit
      const { entries } = await listArchive({ limit: entriesInFeed }, caller, services)
      const text = atomText({
        id: 'urn:vigie:room:reports',
        title: words.say('room.feed.title'),
        author: organisation.organisation ?? 'Vigie',
        language: words.language,
        self: absolute(c, href('/room/feed.atom')),
        page: absolute(c, href('/room/archive')),
        empty: services.clock().toISOString(),
        entries: entries.map((entry) => entryOf(c, visit, entry)),
      })
      return new Response(text, {
        headers: { 'content-type': 'application/atom+xml; charset=utf-8', ...spoken(visit) },
      })
    }),
  )
}

const spoken = ({ words }: Visit) => ({ 'content-language': words.language, vary: 'accept-language' })

const absolute = (c: Context, path: string): string => new URL(path, c.req.url).href

/** Above GREEN an entry names the report's subject and has no figures. */
const entryOf = (c: Context, visit: Visit, entry: ArchivedEntry): AtomEntry => {
  const { words } = visit
  const { id, territory, cap, version, marking, state, totals, level, asOf, recalledAt } = entry
  const { posts, shared } = ownAndShared(entry, words)
  const period = parsePeriod(entry.period)
  const about = aboutOf({ ...entry, period }, words)
  const stated = level ? `${levelMark(level, words).spoken}. ` : ''
  const figures = words.say('room.feed.figures', {
    posts: [words.total(posts), shared].filter(Boolean).join(' '),
    detections: words.total(totalIn(totals, 'detections')),
  })
  return {
    id: `urn:vigie:report:${id}`,
    title: words.say('room.feed.entry', {
      marking,
      territory: about.name,
      period: isCampaignCode(territory) ? about.period : shortPeriod({ period }, words),
      version,
    }),
    updated: recalledAt ?? asOf,
    href: absolute(c, editionHref(visit, { territory, period, cap }, version)),
    category: marking,
    summary:
      state === 'recalled'
        ? words.say('room.feed.recalled')
        : [about.period, fitsUnder(marking, 'TLP:GREEN') ? `${stated}${figures}` : words.say('room.feed.there')].join(
            '. ',
          ),
  }
}
