import './style.css';
import { render } from 'preact';
import { indexSite } from '../model/site-index.ts';
import { App } from './app.tsx';
import { readData } from './read-data.ts';
import { applyTheme, storedTheme } from './theme.ts';

const show = async (root: Element): Promise<void> => {
  try {
    const index = indexSite(await readData());
    root.textContent = '';
    render(<App index={index} />, root);
  } catch (error) {
    root.textContent = `The data of this page cannot be read: ${String(error)}`;
    throw error;
  }
};

applyTheme(storedTheme());
const root = document.querySelector('#site');
if (root !== null) void show(root);
