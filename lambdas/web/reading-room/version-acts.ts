/**
 * What somebody may do with a version that he sees: decide of a flash note, recall it, or have a held one made again.
 */
import { randomUUID } from 'node:crypto'
import { mayDo } from '../../domain/access/caller.ts'
import { isFlashCode } from '../../domain/core/territory.ts'
import { isExpired } from '../../domain/flash/flash.ts'
import type { Edition } from '../../domain/report/manifest.ts'
import type { VersionSeen } from '../../usecases/archive/version-history.ts'
import type { HeldVersion } from '../../usecases/reports/held-version.ts'
import { deed } from './deeds.ts'
import type { Visit } from './pages.ts'
import { decidePath, recallPath, renewPath } from './version-paths.ts'

type Seen = {
  readonly held: HeldVersion | undefined
  /** Milliseconds. */
  readonly now: number
}

export const actsOf = (visit: Visit, edition: Edition, one: VersionSeen, { held, now }: Seen) => {
  const { words, caller, href } = visit
  const { version } = one
  if (one.is === 'held') return { acts: [], renew: held?.version === version ? renewOf(visit, edition, held) : null }
  if (one.is !== 'published') return { acts: [], renew: null }
  const { flash } = one.report
  const isOpen = one.stands && flash !== undefined && !isExpired(flash, new Date(now).toISOString())
  return {
    acts: [
      ...(isFlashCode(edition.territory) && isOpen && mayDo(caller, 'notes:approve')
        ? [
            {
              href: href(decidePath(edition, version)),
              label: words.say(one.approvedBy === undefined ? 'room.decide' : 'room.decide.again'),
            },
          ]
        : []),
      ...(mayDo(caller, 'reports:recall')
        ? [{ href: href(recallPath(edition, version)), label: words.say('room.recall.link') }]
        : []),
    ],
    renew: null,
  }
}

const renewOf = (visit: Visit, edition: Edition, { version, readers }: HeldVersion) => {
  const { words, caller, href } = visit
  if (!mayDo(caller, 'reports:renew')) return null
  const mayMail = readers > 0 && mayDo(caller, 'reports:create')
  return {
    text: words.say('room.renew.text'),
    deed: deed(visit, {
      action: href(renewPath(edition, version)),
      // Pressed twice, the button asks for one report.
      hidden: { key: randomUUID() },
      choices: mayMail
        ? [
            {
              ...{ name: 'mail', legend: words.say('room.renew.mail'), wrong: '' },
              items: [
                { value: 'yes', label: words.say('room.renew.mail.yes', { count: readers }), note: '', checked: false },
              ],
            },
          ]
        : [],
      buttons: [{ label: words.say('room.renew'), does: 'do' }],
    }),
  }
}
