import { randomUUID } from 'node:crypto'
import { isSubjectFor, subjectsFor } from '../../../domain/access/caller.ts'
import { asFault } from '../../../domain/core/fault.ts'
import { type Marking, markings } from '../../../domain/core/marking.ts'
import { isCampaignCode, isOnRequest, subjectOf } from '../../../domain/core/place/territory.ts'
import type { Job } from '../../../domain/report/job.ts'
import type { Edition } from '../../../domain/report/manifest.ts'
import type { Log } from '../../../usecases/log.ts'
import { PeriodTooLargeError } from '../../../usecases/reports/reading/period-size.ts'
import { type RequestServices, requestOnce, TooManyReportsError } from '../../../usecases/reports/request-report.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { faultWords, reasonIn } from '../frame/fault-text.ts'
import { periodName, untilOf } from '../frame/names.ts'
import { choices, type Field, field, timeIn, type Visit } from '../frame/pages.ts'
import { editionHref, fileHref } from '../frame/paths.ts'

export type Asked = {
  readonly [name in 'territory' | 'period' | 'cap']: { readonly value: string; readonly wrong: string }
}

export const askValue = ({ words, caller, formToken, href }: Visit, asked: Asked) => ({
  action: href('/room/reports'),
  problem: Object.values(asked).some(({ wrong }) => wrong) ? words.say('room.ask.wrong') : '',
  token: formToken,
  // Makes a double click request one report.
  key: randomUUID(),
  fields: [
    field('territory', words.say('room.field.territory'), {
      choices: choices(
        isOnRequest(asked.territory.value) && isSubjectFor(caller, asked.territory.value)
          ? [...subjectsFor(caller), asked.territory.value]
          : subjectsFor(caller),
        (code) => subjectOf(code).name[words.language],
        asked.territory.value || (caller.territories[0] ?? ''),
      ),
      wrong: asked.territory.wrong,
    }),
    field('period', words.say('room.field.period'), {
      type: 'text',
      value: asked.period.value,
      note: words.say('room.ask.period.hint'),
      wrong: asked.period.wrong,
    }),
    field('cap', words.say('room.field.cap'), {
      choices: choices(underClearance(caller.clearance), (cap) => cap, asked.cap.value),
      wrong: asked.cap.wrong,
    }),
  ] satisfies readonly Field[],
})

const underClearance = (clearance: Marking): readonly Marking[] => markings.slice(0, markings.indexOf(clearance) + 1)

export const jobValue = (visit: Visit, job: Job, edition: Edition) => {
  const { words, href } = visit
  const { state, version, askedAt, at, reason } = job
  const subject = subjectOf(edition.territory)
  const waiting = state === 'queued' || state === 'running'
  const { territory, cap, period } = edition
  const again = href('/room/reports', { territory, period: period.id, cap })
  return {
    territory: subject.name[words.language],
    kind: isOnRequest(territory) ? '' : words.say('report.title', { cadence: period.cadence }),
    period: isCampaignCode(territory) ? untilOf(period, words) : periodName(period, words),
    state: words.say(`room.job.${state}`, { deliver: job.request.deliver ? 'yes' : 'no' }),
    alert: state === 'held' || state === 'failed',
    reason: reason ? reasonIn(words, asFault(reason)) : null,
    bounds: [
      { label: words.say('room.field.cap'), text: cap },
      { label: words.say('room.job.asked'), text: timeIn(Date.parse(askedAt), subject, words) },
      { label: words.say('room.job.at'), text: timeIn(Date.parse(at), subject, words) },
    ],
    links: [
      ...(waiting ? [{ href: href(`/room/jobs/${job.id}`), label: words.say('room.job.look') }] : []),
      ...(state === 'done' && version !== undefined
        ? [
            {
              href: fileHref(visit, edition, version, `report.${words.language}.html`),
              label: words.say('web.link.read'),
            },
            { href: editionHref(visit, edition, version), label: words.say('room.job.versions', { version }) },
          ]
        : []),
      ...(state === 'held'
        ? [{ href: editionHref(visit, edition, version), label: words.say('room.job.held.see') }]
        : []),
      ...(state === 'failed' ? [{ href: again, label: words.say('room.again') }] : []),
    ],
    note: waiting ? words.say('room.job.note') : '',
  }
}

type RefusedRequest = TooManyReportsError | PeriodTooLargeError

export const jobFor = async (
  request: Parameters<typeof requestOnce>[0],
  asker: Parameters<typeof requestOnce>[1],
  { services, log }: { readonly services: RequestServices; readonly log: Log },
): Promise<Job | RefusedRequest> => {
  try {
    return await requestOnce(request, asker, services)
  } catch (error) {
    if (error instanceof PeriodTooLargeError) return error
    if (!(error instanceof TooManyReportsError)) throw error
    log('too many reports asked for', { who: asker.caller.who, most: error.most })
    return error
  }
}

export const refusalText = (error: RefusedRequest, words: RoomWording) => {
  if (error instanceof PeriodTooLargeError) {
    return { problem: faultWords(words, error.fault).text, status: 422, headers: {} }
  }
  const { most, retryAfter } = error
  return {
    problem: words.say('room.ask.tooMany', { most, minutes: Math.ceil(retryAfter / 60) }),
    status: 429,
    headers: { 'retry-after': String(retryAfter) },
  }
}
