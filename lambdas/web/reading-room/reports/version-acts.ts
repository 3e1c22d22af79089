import { randomUUID } from 'node:crypto'
import { mayDo } from '../../../domain/access/caller.ts'
import { isFlashCode } from '../../../domain/core/place/territory.ts'
import { isExpired } from '../../../domain/flash/flash.ts'
import type { Edition } from '../../../domain/report/manifest.ts'
import type { VersionSeen } from '../../../usecases/archive/version-history.ts'
import type { NewestVersion } from '../../../usecases/reports/newest-version.ts'
import { actionForm } from '../frame/action-form.ts'
import type { Visit } from '../frame/pages.ts'
import { decidePath, mailPath, recallPath, renewPath } from '../frame/paths.ts'

type Seen = {
  readonly newestHere: NewestVersion | undefined
  /** Milliseconds. */
  readonly now: number
}

export const actsOf = (visit: Visit, edition: Edition, one: VersionSeen, { newestHere, now }: Seen) => {
  const { words, caller, href } = visit
  const { version } = one
  const own = newestHere?.version === version && newestHere.is === one.is ? newestHere : undefined
  if (one.is === 'held') return { acts: [], again: own ? renewOf(visit, edition, own) : null }
  if (one.is !== 'published') return { acts: [], again: null }
  const { flash } = one.report
  const isOpen = one.isCurrent && flash !== undefined && !isExpired(flash, new Date(now).toISOString())
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
    again: own ? mailOf(visit, edition, own) : null,
  }
}

const mailOf = (visit: Visit, edition: Edition, { version, readers }: NewestVersion) => {
  const { words, caller, href } = visit
  if (readers === 0 || !mayDo(caller, 'reports:create')) return null
  return {
    text: words.say('room.send.text', { count: readers }),
    actionForm: actionForm(visit, {
      action: href(mailPath(edition, version)),
      hidden: { key: randomUUID() },
      buttons: [{ label: words.say('room.send'), does: 'do' }],
    }),
  }
}

const renewOf = (visit: Visit, edition: Edition, { version, readers }: NewestVersion) => {
  const { words, caller, href } = visit
  if (!mayDo(caller, 'reports:renew')) return null
  const mayMail = readers > 0 && mayDo(caller, 'reports:create')
  return {
    text: words.say('room.renew.text'),
    actionForm: actionForm(visit, {
      action: href(renewPath(edition, version)),
      // Makes a double click request one report.
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
