#!/usr/bin/env node
/** The CDK entry: one stack for each stage. */
import { App } from 'aws-cdk-lib'
import { firstDeploymentFlag, readSettings, type Settings, SettingsError } from '../lib/settings.ts'
import { VigieStack } from '../lib/vigie-stack.ts'

const app = new App()

/** Without credentials the CDK guesses a region and deploys nothing. */
const account = process.env.CDK_DEFAULT_ACCOUNT
const region = account ? process.env.CDK_DEFAULT_REGION : undefined

const settings = (): Settings => {
  try {
    return readSettings(app.node.getAllContext(), region, account)
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

// Set by tools/deploy.ts for a first deployment, when no data can be lost.
new VigieStack(app, settings(), { firstDeployment: app.node.tryGetContext(firstDeploymentFlag) === 'true' })
