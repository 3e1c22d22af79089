import { markingSlug } from '../../../domain/core/marking.ts'
import { subjectOf } from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { parsePeriod } from '../../../domain/core/time/period.ts'
import { periodLine } from '../../../domain/page/words/phrases.ts'
import type { ShownAnswer } from '../../../usecases/answers.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { actionForm, type WhoAndWhy, whoAndWhy } from '../frame/action-form.ts'
import { timeIn, type Visit } from '../frame/pages.ts'

const aboutWords = ({ delivery }: ShownAnswer, words: RoomWording): string =>
  words.say('room.answer.about', {
    territory: subjectOf(delivery.territory).name[words.language],
    period: periodLine({ period: parsePeriod(delivery.period) }, words),
    version: delivery.version,
  })

const readerWords = ({ reader }: ShownAnswer, words: RoomWording): string =>
  reader === null
    ? words.say('room.answer.gone')
    : harmless([reader.name, reader.organisation, reader.address].filter(Boolean).join(', '))

const kindWords = ({ kind }: ShownAnswer, words: RoomWording): string => words.say('web.answer.kind.one', { kind })

export const answerItem = ({ words, href }: Pick<Visit, 'words' | 'href'>, answer: ShownAnswer) => ({
  href: href(`/room/inbox/answers/${answer.id}`),
  title: { text: kindWords(answer, words), lang: '' },
  about: aboutWords(answer, words),
  id: readerWords(answer, words),
  why: harmless(answer.text.replace(/\s+/g, ' ').slice(0, shownInList)),
})

const shownInList = 200

export const answerValue = (
  visit: Visit,
  answer: ShownAnswer,
  { problem, ...whose }: WhoAndWhy & { readonly problem: string },
) => {
  const { words, href, clock } = visit
  const { territory, period, cap } = answer.delivery
  const time = (at: string) => timeIn(Date.parse(at), clock, words)
  return {
    about: kindWords(answer, words),
    reader: readerWords(answer, words),
    came: words.say('room.answer.came', { at: time(answer.at) }),
    back: { href: href('/room/inbox'), label: words.say('room.inbox.back') },
    report: { href: href(`/room/${territory}/${period}/${markingSlug(cap)}`), label: aboutWords(answer, words) },
    lines: answer.text.split('\n').map((line) => harmless(line)),
    closing: {
      text: answer.closed
        ? words.say('room.answer.closed', {
            by: harmless(answer.closed.by),
            at: time(answer.closed.at),
            reason: harmless(answer.closed.reason),
          })
        : words.say('room.answer.close.text'),
      problem: answer.closed ? problem : '',
      actionForm: answer.closed
        ? null
        : actionForm(visit, {
            action: href(`/room/inbox/answers/${answer.id}`),
            problem,
            fields: whoAndWhy(visit, whose, 'room.answer.reason.note'),
            buttons: [{ label: words.say('room.answer.close.button'), does: 'close' }],
          }),
    },
  }
}
