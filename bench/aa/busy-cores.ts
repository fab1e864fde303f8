import { execa } from 'execa';

/** As many processes that never rest; they end with the returned value, or with this process. */
export const busyCores = (cores: number): Disposable => {
  const loops = Array.from({ length: cores }, () =>
    execa(process.execPath, ['--eval', 'for (;;);'], { reject: false, stdio: 'ignore', cleanup: true }),
  );
  return {
    [Symbol.dispose]: () => {
      for (const loop of loops) loop.kill('SIGKILL');
    },
  };
};
