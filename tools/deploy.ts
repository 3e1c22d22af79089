/**
 * Deploys a stage: `npm run deploy -- --stage prod`. Whatever else is said goes to `cdk deploy`, such as
 * `--require-approval never` or `-c alarmMail=watch@example.org`.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const words = process.argv.slice(2)
const at = words.indexOf('--stage')
const stage = at < 0 ? [] : words.splice(at, 2).slice(1)
if (at >= 0 && stage.length === 0) throw new Error('--stage: name a stage of cdk.json')

const child = spawn('cdk', ['deploy', ...stage.flatMap((name) => ['-c', `stage=${name}`]), ...words], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  stdio: 'inherit',
})
child.on('error', (error) => {
  throw new Error('the CDK cannot be started: run npm ci, then npm run deploy', { cause: error })
})
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
