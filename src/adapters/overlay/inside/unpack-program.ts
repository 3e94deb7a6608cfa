import { prelude } from "./prelude.ts";

/**
 * Unpacks the entries on its stdin (tar/entry-frame.ts) into a folder. Argument: the folder. A path is followed
 * through links inside the root; what stands where an entry goes is replaced, but a folder keeps what it has. With
 * $keep a folder and a file never replace each other. Prints the hard links whose files aren't there, path and target
 * in turn, NUL between.
 */
export const unpackPart = String.raw`
my $in = '';
sub bytes {
  my ($n) = @_;
  while (length $in < $n) { sysread(STDIN, $in, 262144, length $in) or fail('cut', 'the tar ended too early') }
  return substr($in, 0, $n, '');
}
sub content {
  my ($file, $left, $path) = @_;
  while ($left > 0) {
    length $in or sysread(STDIN, $in, 262144) or fail('cut', 'the tar ended too early');
    my $n = length $in; $n = $left if $n > $left;
    my $written = syswrite($file, $in, $n); defined $written or oops("writing $path");
    substr($in, 0, $written, ''); $left -= $written;
  }
}
# For messages: what the container calls it.
my ($keep, $base) = ('', '');
sub called { return $base eq '/' ? "/$_[0]" : "$base/$_[0]" }
sub remove_tree {
  my ($path) = @_; my @s = lstat $path or return;
  if (S_ISDIR($s[2])) {
    opendir(my $d, $path) or oops("reading $path", 'layer');
    my @names = grep { $_ ne '.' && $_ ne '..' } readdir $d; closedir $d;
    remove_tree("$path/$_") for @names;
    rmdir $path or oops("replacing $path", 'layer');
  } else { unlink $path or oops("replacing $path", 'layer') }
}
sub parents {
  my ($path) = @_; my $at = '';
  my @parts = split m{/}, $path; pop @parts;
  for my $part (@parts) {
    $at = $at eq '' ? $part : "$at/$part";
    next if -d $at;
    my $hidden = is_whiteout($at);
    if ($hidden) { unlink $at or oops("replacing $at") }
    mkdir $at, 0755 or fail('layer', "$path: $at is no folder");
    own_folder($at); set_opaque($at) if $hidden;
  }
}
# Does it; makes room when something is there, and folders when they lack.
sub placed {
  my ($path, $kind, $make) = @_;
  for (1 .. 4) {
    my $made = $make->(); return $made if $made;
    my $e = $! + 0;
    if ($e == 17 || $e == 40) {
      my @s = lstat $path;
      fail('kept', "cannot overwrite directory \"" . called($path) . "\" with non-directory \"$base\"")
        if $keep && @s && S_ISDIR($s[2]);
      remove_tree($path);
    } elsif ($e == 2 || $e == 20) { parents($path) }
    else { $! = $e; oops("making $path", $e == 36 ? 'layer' : 'failed') }
  }
  oops("making $path", 'layer');
}
sub folder {
  my ($path) = @_;
  for (1 .. 4) {
    return if mkdir $path, 0755;
    my $e = $! + 0; my @s = lstat $path;
    if (@s && S_ISDIR($s[2])) { return }
    elsif (@s) {
      fail('kept', "cannot overwrite non-directory \"" . called($path) . "\" with directory \"$base\"") if $keep;
      my $hidden = is_whiteout($path);
      unlink $path or oops("replacing $path");
      if ($hidden) { mkdir $path, 0755 or oops("making $path"); set_opaque($path); return }
    }
    elsif ($e == 2 || $e == 20) { parents($path) }
    else { $! = $e; oops("making $path", 'layer') }
  }
  oops("making $path", 'layer');
}
sub device { my ($path, $mode, $major, $minor) = @_;
  my $number = (($major & 0xfff) << 8) | ($minor & 0xff) | (($minor & 0xfff00) << 12);
  return sys('mknodat', $here, $path, $mode + 0, $number) == 0 }
sub stamp { my ($path, $seconds, $nanos) = @_;
  my $times = pack('q q q q', $seconds, $nanos, $seconds, $nanos);
  sys('utimensat', $here, $path, $times, $noFollow) == 0 or $! == 2 or oops("setting the time of $path") }

# Links to files that aren't there: the caller may find them below.
my @missing;
my @folders;
sub entries {
  while ((my $length = unpack('N', bytes(4))) > 0) {
    my ($kind, $mode, $uid, $gid, $seconds, $nanos, $major, $minor, $size, undef, $path, $target, $rest) =
      unpack('a N N N q> N N N Q> N N/a* N/a* a*', bytes($length));
    my @xattrs;
    while (length $rest) { my ($text, $more) = unpack('N/a* a*', $rest); push @xattrs, $text; $rest = $more }
    $path = '.' if $path eq '';
    if ($kind eq 'f') {
      my $file;
      placed($path, $kind, sub { sysopen($file, $path, O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW, 0600) });
      content($file, $size, $path);
      chown $uid, $gid, $file or oops("chown of $path"); chmod $mode, $file or oops("chmod of $path");
      close $file or oops("writing $path");
    }
    elsif ($kind eq 'd') { folder($path) if $path ne '.'; next if $path eq '.' && $keep }
    elsif ($kind eq 'l') { placed($path, $kind, sub { symlink $target, $path }) }
    elsif ($kind eq 'h') {
      my @s = lstat $target; my @there = lstat $path;
      if (!@s || is_whiteout($target)) { push @missing, $path, $target; next }
      fail('layer', "$path is a link to a folder") if S_ISDIR($s[2]);
      next if @there && $there[0] == $s[0] && $there[1] == $s[1];
      placed($path, $kind, sub { link $target, $path });
      next;
    }
    elsif ($kind eq 'c') { placed($path, $kind, sub { device($path, S_IFCHR|0600, $major, $minor) }) }
    elsif ($kind eq 'b') { placed($path, $kind, sub { device($path, S_IFBLK|0600, $major, $minor) }) }
    elsif ($kind eq 'p') { placed($path, $kind, sub { POSIX::mkfifo($path, 0600) }) }
    elsif ($kind eq 'o') { folder($path) if $path ne '.'; set_opaque($path); next }
    elsif ($kind eq 'w') {
      # What the same layer has there hides what is below by itself.
      my @s = lstat $path;
      if (@s) { set_opaque($path) if S_ISDIR($s[2]); next }
      placed($path, $kind, sub { device($path, S_IFCHR, 0, 0) });
      next;
    }
    else { fail('failed', "unknown entry $kind") }
    if ($kind ne 'f') {
      POSIX::lchown($uid, $gid, $path) or oops("chown of $path");
      if ($kind ne 'l') { chmod $mode, $path or oops("chmod of $path") }
    }
    while (my ($name, $value) = splice @xattrs, 0, 2) {
      sys('lsetxattr', $path, $name, $value, length $value, 0) == 0 or $! == 95 or $! == 1 or oops("setting an attribute of $path");
    }
    if ($kind eq 'd') { push @folders, pack('q N a*', $seconds, $nanos, $path) } else { stamp($path, $seconds, $nanos) }
  }
}
sub stamp_folders { for (@folders) { my ($s, $n, $path) = unpack('q N a*', $_); stamp($path, $s, $n) } }
`;

export const unpackProgram = `${prelude}${unpackPart}${String.raw`
root_is($ARGV[0]);
entries(); stamp_folders();
print join("\0", @missing);
`}`;
