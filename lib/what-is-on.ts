/** Lists the active parts of a stage and how to turn on the others: the closing lines of `npm run deploy`. */
import { maximum } from '../lambdas/domain/core/lists.ts'
import { plural } from '../lambdas/domain/core/text/plural.ts'
import type { Settings } from './settings.ts'

type Outputs = Readonly<Record<string, string>>

type Part = { readonly name: string; readonly isOn: boolean; readonly text: string }

/** One aligned line for each part, then the targets for DNS records of custom domains. */
export const whatIsOn = (settings: Settings, outputs: Outputs): readonly string[] => {
  const parts = partsOf(settings, outputs)
  const width = maximum(parts.map(({ name }) => name.length))
  return [
    `vigie-${settings.stage} is deployed:`,
    ...parts.map(({ name, isOn, text }) => `  ${isOn ? 'on ' : 'off'}  ${name.padEnd(width)}  ${text}`),
    ...recordsOf(settings, outputs),
    `first steps: docs/aws.md#set-up-a-new-stage`,
  ]
}

const partsOf = (settings: Settings, outputs: Outputs): readonly Part[] => {
  const {
    territories,
    cadences,
    mail,
    api,
    room,
    alarmMail,
    budget,
    dashboard,
    kmsKey,
    backupVault,
    vpc,
    objectLockDays,
    dryRun,
  } = settings
  const part = (name: string, isOn: boolean, whenOn: string, whenOff: string): Part => ({
    name,
    isOn,
    text: isOn ? whenOn : whenOff,
  })
  return [
    part(
      'reports',
      true,
      `each ${cadences.join(' and ')}, of ${plural(territories.length, 'territory', 'territories')}; by request at any time`,
      '',
    ),
    part(
      'API',
      api !== undefined,
      `${outputs.ApiUrl}, for ${api?.issuer ? `tokens of ${api.issuer}` : `roles of the account, up to ${api?.roleClearance}`}; off with -c api=false`,
      '-c api=true',
    ),
    part(
      'reading room',
      room !== undefined,
      `${outputs.RoomUrl}, ${room?.issuer ? `by ${room.issuer}` : `for those whom you enter in the pool ${outputs.ReaderPool} (docs/sharing.md#sign-in-on-aws)`}; off with -c room=false`,
      '-c room=true',
    ),
    part(
      'mail',
      mail !== undefined,
      `from ${mail?.from}; links lead to ${outputs.Site}. New accounts mail to verified addresses only (docs/aws.md#before-you-deploy)`,
      `verify a domain in SES, then -c mail='{"from":"vigie@example.org"}'`,
    ),
    part(
      'alarm mail',
      alarmMail !== undefined,
      `to ${alarmMail}, once the address has confirmed`,
      'no alarm is mailed when something fails: -c alarmMail=you@example.org',
    ),
    part('daily dry run', dryRun, 'at 03:00 UTC; a failure is a dead letter, and rings', '-c dryRun=true'),
    part(
      'budget',
      budget !== undefined,
      `${plural(budget ?? 0, 'dollar')} a month`,
      '-c budget=10, with alarmMail; free',
    ),
    part(
      'dashboard',
      dashboard,
      `Vigie-${settings.stage} in CloudWatch`,
      '-c dashboard=true; 3 dollars a month from the fourth of the account on',
    ),
    part('own key', kmsKey !== undefined, `${kmsKey}`, '-c kmsKey=create; a dollar a month'),
    part(
      'outside copy',
      backupVault !== undefined,
      `each day to ${backupVault}`,
      'the table is lost with the account: -c backupVault=ARN (docs/aws.md#backup-in-another-account)',
    ),
    part('network', vpc !== false, 'the functions have no way out', '-c vpc=true; some 58 dollars a month'),
    part(
      'object lock',
      objectLockDays !== undefined,
      `${plural(objectLockDays ?? 0, 'day')}`,
      'chosen with the first deployment',
    ),
  ]
}

const recordsOf = ({ mail, api, room }: Settings, outputs: Outputs): readonly string[] => {
  const fronts = { Programs: api?.domain, Room: room?.domain, Readers: mail?.domain }
  return Object.entries(fronts).flatMap(([front, domain]) => {
    const [, target] = Object.entries(outputs).find(([name]) => name.startsWith(`${front}FrontDomainTarget`)) ?? []
    return domain && target ? [`  ${domain.name} needs a CNAME record that points to ${target}`] : []
  })
}
