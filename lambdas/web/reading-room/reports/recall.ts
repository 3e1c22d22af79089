import { mayDo } from '../../../domain/access/caller.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { editionOf } from '../../../domain/report/manifest.ts'
import type { Recallable } from '../../../usecases/delivery/recall-version.ts'
import { actionForm, effectHead, peopleText, type WhoAndWhy, whoAndWhy } from '../frame/action-form.ts'
import { aboutOf } from '../frame/names.ts'
import { chipOf, type Visit } from '../frame/pages.ts'
import { editionHref, recallPath } from '../frame/paths.ts'

export const versionsShown = ({ entry, others }: Recallable): string =>
  [entry, ...others].map(({ version }) => version).join()

export const recallValue = (visit: Visit, recalling: Recallable, input: WhoAndWhy) => {
  const { words, href, session } = visit
  const { entry, marking, currentVersion, currentVersionAfter: after, isSameAfter, others } = recalling
  // A version that is not the current one leaves what is current.
  const isReplaced = after !== undefined && currentVersion === entry.version
  const edition = editionOf(entry)
  const { campaign } = entry.published ?? {}
  const about = aboutOf({ ...entry, period: edition.period, ...(campaign !== undefined && { campaign }) }, words)
  return {
    name: { text: `${harmless(about.name)}, ${about.period}`, lang: '' },
    id: '',
    chip: chipOf(marking),
    state: words.say('room.version', { version: entry.version }),
    lead: [
      ...(isReplaced ? [words.say(isSameAfter ? 'room.recall.same' : 'room.recall.other', { version: after })] : []),
      words.say('room.recall.lead'),
    ].join(' '),
    back: { href: editionHref(visit, edition, entry.version), label: words.say('room.decide.back') },
    ...{ fault: [], faster: null },
    effect: effectOf(visit, recalling),
    form: {
      title: words.say('room.recall'),
      actionForm: actionForm(visit, {
        action: href(recallPath(edition, entry.version)),
        fields: whoAndWhy(visit, input, 'room.recall.reason.note'),
        hidden: { shown: versionsShown(recalling) },
        buttons: [
          ...(isReplaced
            ? [
                { label: words.say('room.recall.correct'), does: 'correct' },
                {
                  label: words.say('room.recall.all', { count: others.length + 1 }),
                  does: 'all',
                  look: 'alert' as const,
                },
              ]
            : []),
          { label: words.say('room.recall.button', { version: entry.version }), does: 'do', look: 'alert' },
        ],
      }),
    },
    text: session ? '' : words.say('room.recall.here'),
  }
}

const effectOf = (visit: Visit, { entry, currentVersion, currentVersionAfter, receivers }: Recallable) => {
  const { words } = visit
  const versionLabel = (version: number | undefined): string =>
    version === undefined ? words.say('room.recall.none') : words.say('room.version', { version })
  const people = (count: number) => words.say('room.schedule.readers', { count })
  return {
    ...effectHead(words),
    rows: [
      {
        label: words.say('room.version', { version: entry.version }),
        before: words.say('room.recall.open'),
        after: words.say('room.recall.shut'),
      },
      {
        label: words.say('room.recall.stands'),
        before: versionLabel(currentVersion),
        after: versionLabel(currentVersionAfter),
      },
      { label: words.say('room.recall.links'), before: people(receivers.length), after: people(0) },
    ],
    stays: words.say('room.recall.receivers', { count: receivers.length }),
    versions: namesOf(visit, receivers),
    wayBack: words.say('room.recall.wayBack'),
    actionForm: null,
  }
}

const namesOf = ({ words, caller }: Visit, receivers: Recallable['receivers']): readonly string[] => {
  const names = mayDo(caller, 'reports:create')
    ? receivers.map(({ address, recipient }) => harmless(address ?? words.say('room.recall.gone', { id: recipient })))
    : []
  return peopleText(names, receivers.length, words)
}
