import { asFault } from '../../../domain/core/fault.ts'
import type { Segment } from '../../../domain/core/language/language.ts'
import { subjectOf } from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { mayKnowRecipient } from '../../../domain/delivery/giving.ts'
import { editionOf } from '../../../domain/report/manifest.ts'
import { nameOf } from '../../../usecases/delivery/who-would-get.ts'
import type { FlashReview } from '../../../usecases/reports/flash/decide-flash.ts'
import { actionForm, effectHead, peopleText, type WhoAndWhy, whoAndWhy } from '../frame/action-form.ts'
import { reasonIn } from '../frame/fault-text.ts'
import { aboutOf } from '../frame/names.ts'
import { chipOf, timeIn, type Visit } from '../frame/pages.ts'
import { decidePath, editionHref } from '../frame/paths.ts'

export const flashValue = (visit: Visit, review: FlashReview, input: WhoAndWhy, fault: readonly Segment[] = []) => {
  const { words, href, session } = visit
  const { entry, marking, held } = review
  const edition = editionOf(entry)
  const isApproved = entry.approved !== undefined
  const later = held
    ? words.formatRich('room.decide.held', { version: held.version, reason: [reasonIn(words, asFault(held.reason))] })
    : []
  return {
    name: { text: aboutOf({ ...entry, period: edition.period }, words).name, lang: '' },
    id: '',
    chip: chipOf(marking),
    state: words.say('room.version', { version: entry.version }),
    lead: words.say(isApproved ? 'room.decide.lead.approved' : 'room.decide.lead'),
    back: { href: editionHref(visit, edition, entry.version), label: words.say('room.decide.back') },
    fault: fault.length > 0 ? fault : later,
    faster: null,
    effect: effectOf(visit, review),
    form: {
      title: words.say(isApproved ? 'room.decide.again' : 'room.candidate.decide'),
      actionForm: actionForm(visit, {
        action: href(decidePath(edition, entry.version)),
        hidden: { revision: isApproved ? 'approved' : 'waits' },
        fields: isApproved ? [] : whoAndWhy(visit, input, 'room.decide.reason.note'),
        buttons: isApproved
          ? [
              {
                label: words.say('room.decide.mail'),
                does: 'mail',
                look: review.readers.length > 0 ? 'first' : 'second',
              },
            ]
          : [
              ...(held ? [] : [{ label: words.say('room.decide.approve'), does: 'approve' }]),
              { label: words.say('room.decide.refuse'), does: 'refuse', look: 'alert' as const },
            ],
      }),
    },
    text: isApproved ? '' : words.say(session ? 'room.decide.rule' : 'room.decide.rule.here'),
  }
}

const effectOf = (visit: Visit, { entry, until, had, readers }: FlashReview) => {
  const { words } = visit
  const isApproved = entry.approved !== undefined
  const holds = timeIn(Date.parse(until), subjectOf(entry.territory), words)
  const state = entry.approved
    ? words.say('room.flash.approved', { by: harmless(entry.approved.by) })
    : words.say('room.flash.waits')
  return {
    ...effectHead(words),
    title: words.say(isApproved ? 'room.mend.effect' : 'room.decide.effect'),
    rows: [
      {
        label: words.say('room.setting.state'),
        before: state,
        after: isApproved ? state : words.say('room.flash.state', { state: 'approved' }),
      },
      {
        label: words.say('room.schedule.mailed'),
        before: words.say('room.schedule.readers', { count: had }),
        after: words.say('room.schedule.readers', { count: had + readers.length }),
      },
      { label: words.say('room.decide.until'), before: holds, after: holds },
    ],
    stays: words.say(
      readers.length > 0 ? 'room.decide.readers' : had > 0 ? 'room.decide.everybody' : 'room.decide.nobody',
    ),
    versions: namesOf(visit, readers),
    wayBack: words.say(isApproved ? 'room.decide.again.wayBack' : 'room.decide.wayBack'),
    actionForm: null,
  }
}

const namesOf = ({ words, caller }: Visit, readers: FlashReview['readers']): readonly string[] => {
  const names = readers.filter((one) => mayKnowRecipient(caller, one)).map((one) => harmless(nameOf(one)))
  const inOrder = names.toSorted((one, other) => one.localeCompare(other, 'fr'))
  return peopleText(inOrder, readers.length, words)
}
