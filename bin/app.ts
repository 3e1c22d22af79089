#!/usr/bin/env node
/** The CDK entry: one stack a stage, side by side. */
import { App } from 'aws-cdk-lib'
import { VigieStack } from '../lib/vigie-stack.ts'

const app = new App()

new VigieStack(app, 'Vigie-prod', { description: 'Vigie: periodic reports on foreign information manipulation' })
