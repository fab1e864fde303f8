import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { doctorExitCode, formatDoctorJson } from '../../reports/machine-findings.ts';
import { renderDoctor } from '../../reports/terminal/render-doctor.ts';
import { inspectMachine } from '../doctor.ts';
import { interruptible } from '../interruption.ts';
import { print, terminalWidth, useColour, type Finish } from './command.ts';

/** `peft-matrix doctor`: what this machine can run, and what to do about what it cannot. */
export const doctorCommand = (finish: Finish): CommandUnknownOpts =>
  new Command('doctor')
    .description('say what this machine can run, and what to do about what it cannot')
    .option('--json', 'as JSON')
    .action(async ({ json }) => {
      using interruption = interruptible(() => {});
      const findings = await inspectMachine(interruption.stop);
      print(
        json === true
          ? formatDoctorJson(findings)
          : renderDoctor(findings, { colour: useColour(process.stdout), width: terminalWidth() }),
      );
      finish(doctorExitCode(findings));
    });
